package domainname

// EdgeZone is the Route 53 zone of all CloudFront distributions.
const EdgeZone = "Z2FDTNDATAQYW2"

// regionalZones are the Route 53 zones of regional domain names, by region (AWS General
// Reference, "Amazon API Gateway endpoints and quotas"). Regions without one show none.
var regionalZones = map[string]string{
	"af-south-1":     "Z2DHW2332DAMTN",
	"ap-east-1":      "Z3FD1VL90ND7K5",
	"ap-northeast-1": "Z1YSHQZHG15GKL",
	"ap-northeast-2": "Z20JF4UZKIW1U8",
	"ap-northeast-3": "Z22ILHG95FLSZ2",
	"ap-south-1":     "Z3VO1THU9YC4UR",
	"ap-southeast-1": "ZL327KTPIQFUL",
	"ap-southeast-2": "Z2RPCDW04V8134",
	"ca-central-1":   "Z19DQILCV0OWEC",
	"eu-central-1":   "Z1U9ULNL0V5AJ3",
	"eu-north-1":     "Z3UWIKFBOOGXPP",
	"eu-south-1":     "Z3BT4WSQ9TDYZV",
	"eu-west-1":      "ZLY8HYME6SFDD",
	"eu-west-2":      "ZJ5UAJN8Y3Z2Q",
	"eu-west-3":      "Z3KY65QIEKYHQQ",
	"me-south-1":     "Z20ZBPC0SS8806",
	"sa-east-1":      "ZCMLWB8V5SYIT",
	"us-east-1":      "Z1UJRXOUMOOFQ8",
	"us-east-2":      "ZOJJZC49E0EPZ",
	"us-west-1":      "Z2MUQ32089INYE",
	"us-west-2":      "Z2OJLYMUO9EFXC",
}
