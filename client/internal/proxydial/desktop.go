//go:build !windows

package proxydial

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"time"
)

// askFor bounds the question to the desktop.
const askFor = 2 * time.Second

// output runs a program that prints settings; "" where it is not there or fails.
func output(ctx context.Context, name string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = askFor / 4
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// parseScutil reads the lines "HTTPSProxy : proxy.example.org" of scutil --proxy.
func parseScutil(text string) Settings {
	value, except := map[string]string{}, []string{}
	inList := false
	for line := range strings.Lines(text) {
		name, v, found := strings.Cut(strings.TrimSpace(line), " : ")
		switch {
		case name == "ExceptionsList":
			inList = true
		case strings.TrimSpace(line) == "}":
			inList = false
		case inList && found:
			except = append(except, v)
		case found:
			value[name] = v
		}
	}
	if value["ExcludeSimpleHostnames"] == "1" {
		except = append(except, "<local>")
	}
	set := Settings{NoProxy: strings.Join(except, ",")}
	at := func(kind string) string {
		if value[kind+"Enable"] != "1" || value[kind+"Proxy"] == "" {
			return ""
		}
		if value[kind+"Port"] == "" {
			return value[kind+"Proxy"]
		}
		return net.JoinHostPort(value[kind+"Proxy"], value[kind+"Port"])
	}
	set.SOCKS, set.HTTPS = at("SOCKS"), at("HTTPS")
	return set
}

// parseGSettings reads the lines "org.gnome.system.proxy.socks host 'proxy'" of gsettings.
func parseGSettings(text string) Settings {
	const schema = "org.gnome.system.proxy"
	value := map[string]string{}
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(parts) == 3 && strings.HasPrefix(parts[0], schema) {
			value[strings.TrimPrefix(strings.TrimPrefix(parts[0], schema), ".")+" "+parts[1]] = strings.Trim(parts[2], "'")
		}
	}
	if value[" mode"] != "manual" {
		return Settings{}
	}
	at := func(kind string) string {
		host, port := value[kind+" host"], value[kind+" port"]
		if host == "" || port == "" || port == "0" {
			return ""
		}
		return net.JoinHostPort(host, port)
	}
	except := strings.NewReplacer("[", "", "]", "", "'", "", " ", "", "@as", "").Replace(value[" ignore-hosts"])
	return Settings{SOCKS: at("socks"), HTTPS: at("https"), NoProxy: except}
}
