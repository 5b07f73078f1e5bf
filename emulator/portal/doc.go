// Package portal makes the web pages of published portals of API Gateway: a portal's products, their
// pages of documentation in Markdown, and the REST endpoints of each. The pages work without scripts.
//
// It knows nothing of how portals are kept: a Publication is all that there is to show. Read
// publication.go first, then site.go.
package portal
