package lambda

// unsupported is every other operation of the SDK's client and why it is not served.
var unsupported = map[string]string{
	"CreateCapacityProvider":                 "Lambda managed instances are not emulated yet",
	"DeleteCapacityProvider":                 "Lambda managed instances are not emulated yet",
	"DeleteResourcePolicy":                   "policies are made by AddPermission and RemovePermission only",
	"GetCapacityProvider":                    "Lambda managed instances are not emulated yet",
	"GetFunctionScalingConfig":               "Lambda managed instances are not emulated yet",
	"GetResourcePolicy":                      "policies are made by AddPermission and RemovePermission only",
	"ListCapacityProviders":                  "Lambda managed instances are not emulated yet",
	"ListFunctionVersionsByCapacityProvider": "Lambda managed instances are not emulated yet",
	"PutFunctionScalingConfig":               "Lambda managed instances are not emulated yet",
	"PutResourcePolicy":                      "policies are made by AddPermission and RemovePermission only",
	"UpdateCapacityProvider":                 "Lambda managed instances are not emulated yet",
}
