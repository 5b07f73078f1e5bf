// Package s3 is Amazon S3 as tools that deploy functions and APIs need it: buckets, objects and their
// versions, over HTTP as AWS has it. It has no web sites, no notifications and no access control of its own.
//
// Unlike other services it has no inputs and outputs of the SDK: objects are streams, most of what says
// something about them is a header, and the path alone tells little about the operation. Read operation.go
// first, then put.go.
package s3
