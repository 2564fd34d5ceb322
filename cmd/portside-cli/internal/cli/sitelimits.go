package cli

import (
	"portside/client/sites"
	"portside/transfers"
	"portside/transfers/queue"
)

// limitsOf are the limits of the saved site that a names, as far as the command line
// says nothing about them.
func (f *transferFlags) limitsOf(a address) queue.Site {
	if a.site == nil {
		return queue.Site{}
	}
	l := siteLimits(*a.site)
	if f.jobs > 0 {
		l.MaxConnections = 0
	}
	if f.limit > 0 {
		l.Down, l.Up = 0, 0
	}
	return l
}

// siteLimits are the limits that a site has in a queue.
func siteLimits(s sites.Site) queue.Site {
	return queue.Site{MaxConnections: s.MaxConnections, Down: s.DownLimit, Up: s.UpLimit}
}

// ruleFor is what to do with targets that exist, as the command line or the saved site
// says. A site that asks cannot ask here: nothing is overwritten then.
func (f *transferFlags) ruleFor(a address) transfers.Exists {
	if a.site == nil || a.site.Exists == "" || f.resume || f.existsGiven.text != "" {
		return f.exists
	}
	rule, err := transfers.ParseExists(a.site.Exists)
	switch {
	case err != nil:
		return f.exists
	case rule == transfers.Ask:
		return transfers.Fail
	}
	return rule
}

// ruleForStdin is ruleFor for what comes from stdin, which cannot be compared or sent
// again: where the saved site wants that, nothing is overwritten.
func (f *transferFlags) ruleForStdin(a address) transfers.Exists {
	rule := f.ruleFor(a)
	if rule != f.exists && rule != transfers.Overwrite && rule != transfers.Skip {
		return transfers.Fail
	}
	return rule
}

// forOne are the options for a transfer of one file, with what the saved site of a says.
func (f transferFlags) forOne(a address, upload bool) transferFlags {
	if a.site == nil {
		return f
	}
	f.exists = f.ruleFor(a)
	rate := a.site.DownLimit
	if upload {
		rate = a.site.UpLimit
	}
	if f.limit == 0 && rate > 0 {
		f.pace = transfers.NewLimiter(rate).Pace
	}
	return f
}

// temporary is whether uploads go to a temporary name first.
func (p *program) temporary(f transferFlags, a address) bool {
	if a.site == nil || p.given("temp-upload") {
		return f.tempUpload
	}
	return a.site.TempUpload
}
