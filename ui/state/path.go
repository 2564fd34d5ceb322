package state

import "strings"

// A PathStyle is how a file tree writes its paths. The pure functions below work
// on raw bytes, so they serve a remote tree in any character set whose "/" is a
// byte of its own, and a local one.
type PathStyle uint8

// The styles.
const (
	SlashPaths   PathStyle = iota // "/a/b": remote, and every system but Windows
	WindowsPaths                  // `C:\a\b`
)

func (s PathStyle) separator() string {
	if s == WindowsPaths {
		return `\`
	}
	return "/"
}

// root returns the part of p that has no parent: "/", `C:\`, `\\host\share\`, or
// nothing where p is relative.
func (s PathStyle) root(p string) string {
	if s != WindowsPaths {
		if strings.HasPrefix(p, "/") {
			return "/"
		}
		return ""
	}
	switch {
	case len(p) >= 2 && p[1] == ':':
		if len(p) > 2 {
			return p[:3]
		}
		return p
	case strings.HasPrefix(p, `\\`):
		if share := strings.SplitN(p[2:], `\`, 3); len(share) >= 2 && share[1] != "" {
			return p[:min(len(p), 2+len(share[0])+1+len(share[1])+1)]
		}
		return p
	case strings.HasPrefix(p, `\`):
		return `\`
	}
	return ""
}

// Rooted reports whether p says where it is, and does not depend on a folder.
func (s PathStyle) Rooted(p string) bool { return s.root(p) != "" }

// Clean takes "." and ".." and doubled separators out of p; a ".." above the
// root is dropped. On Windows "/" counts as a separator.
func (s PathStyle) Clean(p string) string {
	if s == WindowsPaths {
		p = strings.ReplaceAll(p, "/", `\`)
	}
	root := s.root(p)
	rest := p[len(root):]
	if s == WindowsPaths && len(root) == 2 && root[1] == ':' {
		root += `\`
	}
	var parts []string
	for part := range strings.SplitSeq(rest, s.separator()) {
		switch {
		case part == "" || part == ".":
		case part == ".." && len(parts) > 0 && parts[len(parts)-1] != "..":
			parts = parts[:len(parts)-1]
		case part == ".." && root != "":
		default:
			parts = append(parts, part)
		}
	}
	clean := strings.Join(parts, s.separator())
	switch {
	case root == "" && clean == "":
		return "."
	case root != "" && clean != "" && !strings.HasSuffix(root, s.separator()):
		return root + s.separator() + clean
	default:
		return root + clean
	}
}

// Join returns the path of name in the folder dir. name is one component and is
// taken as it is.
func (s PathStyle) Join(dir, name string) string {
	if dir == "" || strings.HasSuffix(dir, s.separator()) {
		return dir + name
	}
	return dir + s.separator() + name
}

// Resolve returns the path that a person means who types p while in dir.
func (s PathStyle) Resolve(dir, p string) string {
	if s == WindowsPaths {
		p = strings.ReplaceAll(p, "/", `\`)
	}
	if p == "" {
		return s.Clean(dir)
	}
	if s.root(p) != "" {
		return s.Clean(p)
	}
	return s.Clean(s.Join(dir, p))
}

// Parent returns the folder that p is in; a root is its own parent.
func (s PathStyle) Parent(p string) string {
	p = s.Clean(p)
	root := s.root(p)
	rest := p[len(root):]
	i := strings.LastIndex(rest, s.separator())
	if i < 0 {
		if root == "" {
			return p
		}
		return root
	}
	return root + rest[:i]
}

// Base returns the last component of p, or the root.
func (s PathStyle) Base(p string) string {
	p = s.Clean(p)
	root := s.root(p)
	rest := p[len(root):]
	if rest == "" {
		return root
	}
	return rest[strings.LastIndex(rest, s.separator())+1:]
}

// A Crumb is one step of a path: what it is called, raw, and where it leads.
type Crumb struct {
	Name string
	Path string
}

// Crumbs splits p into steps from the root, or from home ("~") where p is in it
// and home is not the root.
func (s PathStyle) Crumbs(p, home string) []Crumb {
	p = s.Clean(p)
	start := Crumb{Name: s.root(p), Path: s.root(p)}
	if s == WindowsPaths {
		start.Name = strings.TrimSuffix(start.Name, `\`)
	}
	rest := p[len(start.Path):]
	if home != "" {
		home = s.Clean(home)
		if home != s.root(home) && (p == home || strings.HasPrefix(p, home+s.separator())) {
			start = Crumb{Name: "~", Path: home}
			rest = strings.TrimPrefix(p[len(home):], s.separator())
		}
	}
	var crumbs []Crumb
	if start.Path != "" {
		crumbs = append(crumbs, start)
	}
	at := start.Path
	for part := range strings.SplitSeq(rest, s.separator()) {
		if part == "" {
			continue
		}
		at = s.Join(at, part)
		crumbs = append(crumbs, Crumb{Name: part, Path: at})
	}
	return crumbs
}
