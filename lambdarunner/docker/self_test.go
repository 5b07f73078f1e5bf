package docker

import "testing"

func TestOwnContainerIDIsFoundWhateverTheHostName(t *testing.T) {
	const id = "1b7a2a5e6cb1fd3c8ac1e0b6a9ee5d7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5"
	// Lines as Docker 20.10 and 28 write them; the third has a foreign container's
	// directory mounted for its logs, as log shippers do.
	own := "812 790 254:1 /var/lib/docker/containers/" + id + "/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n"
	foreign := "9 2 254:1 /var/lib/docker/containers/" + "ffff" + id[4:] + "/x /logs ro - ext4 /dev/vda1 rw\n"
	for name, c := range map[string]struct{ mountinfo, hostname, want string }{
		"on a host":              {"27 1 254:0 / / rw - ext4 /dev/vda rw\n", "laptop", ""},
		"host name chosen":       {foreign + own, "postern", id},
		"only the host name":     {"27 1 0:30 / / rw - overlay overlay rw\n", id[:12], id[:12]},
		"other containers' logs": {foreign, "laptop", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ownContainerID(c.mountinfo, c.hostname); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
