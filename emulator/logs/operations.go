package logs

import "postern/emulator/wire"

// Wire lists what of CloudWatch Logs is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "cloudwatchlogs",
		Operations: []wire.Operation{
			wire.Op("CreateLogGroup", s.CreateLogGroup),
			wire.Op("CreateLogStream", s.CreateLogStream),
			wire.Op("DeleteLogGroup", s.DeleteLogGroup),
			wire.Op("DeleteLogStream", s.DeleteLogStream),
			wire.Op("DeleteRetentionPolicy", s.DeleteRetentionPolicy),
			wire.Op("DescribeLogGroups", s.DescribeLogGroups),
			wire.Op("DescribeLogStreams", s.DescribeLogStreams),
			wire.Op("FilterLogEvents", s.FilterLogEvents),
			wire.Op("GetLogEvents", s.GetLogEvents),
			wire.Op("ListTagsForResource", s.ListTagsForResource),
			wire.Op("ListTagsLogGroup", s.ListTagsLogGroup),
			wire.Op("PutLogEvents", s.PutLogEvents),
			wire.Op("PutLogGroupDeletionProtection", s.PutLogGroupDeletionProtection),
			wire.Op("PutRetentionPolicy", s.PutRetentionPolicy),
			wire.Op("TagLogGroup", s.TagLogGroup),
			wire.Op("TagResource", s.TagResource),
			wire.Op("UntagLogGroup", s.UntagLogGroup),
			wire.Op("UntagResource", s.UntagResource),
		},
		Unsupported: unsupported,
	}
}
