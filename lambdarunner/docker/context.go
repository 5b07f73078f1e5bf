package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// An engineContext is what "docker context use" selects.
type engineContext struct {
	name   string
	host   string // unix:///…, npipe:////…, tcp://…
	tlsDir string // with ca.pem, cert.pem and key.pem; "" for none
}

// configDir is where the docker command keeps its configuration.
func configDir() (string, error) {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".docker"), nil
}

// currentContext reads the selected context, nil for the default one. DOCKER_CONTEXT
// comes before the currentContext of config.json, as in the docker command.
func currentContext(dir string) (*engineContext, error) {
	name := os.Getenv("DOCKER_CONTEXT")
	if name == "" {
		var config struct{ CurrentContext string }
		if err := readJSON(filepath.Join(dir, "config.json"), &config); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return nil, err
		}
		name = config.CurrentContext
	}
	if name == "" || name == "default" {
		return nil, nil
	}
	return readContext(dir, name)
}

// readContext reads one context from the CLI's store, whose directories are named by
// the SHA-256 of the context's name.
func readContext(dir, name string) (*engineContext, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err := readJSON(filepath.Join(dir, "contexts", "meta", id, "meta.json"), &meta); err != nil {
		return nil, fmt.Errorf("docker context %q: %w", name, err)
	}
	c := &engineContext{name: name, host: meta.Endpoints["docker"].Host}
	if c.host == "" {
		return nil, fmt.Errorf("docker context %q has no docker endpoint", name)
	}
	tls := filepath.Join(dir, "contexts", "tls", id, "docker")
	if _, err := os.Stat(filepath.Join(tls, "ca.pem")); err == nil {
		c.tlsDir = tls
	}
	return c, nil
}

func readJSON(name string, v any) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
