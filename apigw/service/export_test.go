package service

// All returns the services that are known.
func All() []Service { return services }
