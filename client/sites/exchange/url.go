package exchange

import (
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// otherSchemes are those of addresses that are not about FTP.
func otherSchemes() map[string]string {
	return map[string]string{
		"sftp": "SFTP", "scp": "SCP", "fish": "FISH over SSH", "ssh": "SSH", "http": "HTTP", "https": "HTTPS", "hftp": "FTP over HTTP",
		"dav": "WebDAV", "davs": "WebDAV", "webdav": "WebDAV", "webdavs": "WebDAV", "s3": "S3", "smb": "SMB", "nfs": "NFS", "afp": "AFP",
		"file": "A folder of a computer", "torrent": "BitTorrent", "tftp": "TFTP",
	}
}

// url fills the entry from an address such as "ftp://user:password@host:21/folder".
func (e *entry) url(raw string) {
	raw = strings.TrimSpace(raw)
	if scheme, _, ok := strings.Cut(raw, "://"); ok {
		if name, other := otherSchemes()[strings.ToLower(scheme)]; other {
			e.otherProtocol(name)
			return
		}
	}
	for _, t := range []string{";type=a", ";type=d", ";type=i"} {
		if len(raw) > len(t) && strings.EqualFold(raw[len(raw)-len(t):], t) {
			raw = raw[:len(raw)-len(t)]
			if t == ";type=a" {
				e.lose("the transfer of text (type=a)")
			}
		}
	}
	u, err := client.ParseURL(raw)
	if err != nil {
		e.skip("%s", cutTo(err.Error(), 200))
		return
	}
	e.host(u.Host)
	e.user(u.User)
	site := &e.row.Site
	site.Port, site.Security = u.Port, u.Security
	if u.User == "" || strings.EqualFold(u.User, "anonymous") {
		e.anonymous()
	} else {
		site.Logon = sites.LogonKeyring
		e.secret(secrets.Password, u.Password)
	}
	dir := u.Path
	if strings.Trim(dir, "/") != "" {
		dir = strings.TrimRight(dir, "/")
	} else if dir != "" {
		dir = "/"
	}
	site.RemoteDir = e.remoteDir("the folder on the server", dir)
}
