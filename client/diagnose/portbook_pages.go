package diagnose

import (
	"slices"
	"strings"
	"time"
)

// portBookVersion is the version of the file's format.
const portBookVersion = 1

// portPages is what a book knows, by server.
type portPages map[string]portPage

// A portPage is what is known of one server.
type portPage struct {
	samples []PortSample
	told    PortClass // what the user was told of, see toldAs; "": of nothing
	used    time.Time // the newest time of a sample
}

// A pageChange is one thing to write down of a server: one of a sample, what was
// told, and that all is forgotten.
type pageChange struct {
	server string
	sample *PortSample
	told   PortClass
	forget bool
}

// apply makes the change, and reports whether it changed anything.
func (p portPages) apply(c pageChange) bool {
	page, known := p[c.server]
	switch {
	case c.forget: // it may stand in the file alone
		delete(p, c.server)
		return true
	case c.sample != nil:
		page.add(*c.sample)
		p[c.server] = page
		p.prune()
		return true
	case known && page.told != c.told:
		page.told = c.told
		p[c.server] = page
		return true
	}
	return false
}

// add puts a sample in its place, and drops the old and those too many.
func (p *portPage) add(s PortSample) {
	p.used = later(p.used, s.Time)
	kept := make([]PortSample, 0, len(p.samples)+1)
	for _, old := range p.samples {
		if old.Time.IsZero() || p.used.Sub(old.Time) <= keepSample {
			kept = append(kept, old)
		}
	}
	at := len(kept)
	for at > 0 && !s.Time.IsZero() && kept[at-1].Time.After(s.Time) {
		at--
	}
	kept = slices.Insert(kept, at, s)
	p.samples = kept[max(0, len(kept)-maxSamples):]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// prune drops the servers that were not used for longest, where there are too many.
func (p portPages) prune() {
	for len(p) > maxServers {
		oldest := ""
		for server, page := range p {
			if oldest == "" || page.used.Before(p[oldest].used) || page.used.Equal(p[oldest].used) && server < oldest {
				oldest = server
			}
		}
		delete(p, oldest)
	}
}

// portBookFile is the file, beside its version.
type portBookFile struct {
	Servers []portBookServer `json:"servers"`
}

type portBookServer struct {
	Server  string       `json:"server"`
	Told    PortClass    `json:"told,omitempty"`
	Samples []PortSample `json:"samples"`
}

// pages reads the file. What this version would not have written is passed over.
func (f portBookFile) pages() portPages {
	p := make(portPages, len(f.Servers))
	for _, s := range f.Servers {
		key := serverKey(s.Server)
		if key == "" {
			continue
		}
		var page portPage
		if s.Told == PortsRandom || s.Told.Predictable() {
			page.told = s.Told
		}
		for _, sample := range s.Samples {
			if sample.Port == 0 {
				continue
			}
			if sample.Method != "EPSV" && sample.Method != "PASV" {
				sample.Method = ""
			}
			page.add(sample)
		}
		p[key] = page
	}
	p.prune()
	return p
}

// file is the inverse of pages.
func (p portPages) file() portBookFile {
	f := portBookFile{Servers: []portBookServer{}}
	for server, page := range p {
		f.Servers = append(f.Servers, portBookServer{Server: server, Told: page.told, Samples: page.samples})
	}
	slices.SortFunc(f.Servers, func(a, b portBookServer) int { return strings.Compare(a.Server, b.Server) })
	return f
}
