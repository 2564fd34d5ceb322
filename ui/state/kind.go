package state

import (
	"path"
	"strings"
)

// A FileKind is what a file seems to be by its name; it only chooses a picture.
type FileKind uint8

// The kinds.
const (
	PlainFile FileKind = iota
	TextFile
	ImageFile
	MediaFile
	ArchiveFile
	ProgramFile
	FileKinds // how many there are
)

// KindOf tells the kind of r by its extension, or else by its x bit.
func KindOf(r *Row) FileKind {
	switch strings.ToLower(path.Ext(r.Text)) {
	case ".txt", ".md", ".log", ".csv", ".tsv", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".tex", ".ini", ".conf", ".cfg",
		".html", ".htm", ".css", ".js", ".ts", ".json", ".xml", ".yml", ".yaml", ".toml", ".go", ".c", ".h", ".cpp",
		".java", ".rs", ".php", ".sql", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".epub", ".srt":
		return TextFile
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff", ".ico", ".heic", ".avif", ".raw", ".psd", ".xcf":
		return ImageFile
	case ".mp3", ".ogg", ".oga", ".opus", ".flac", ".wav", ".m4a", ".aac", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mov", ".mpg", ".mpeg", ".ogv":
		return MediaFile
	case ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".lz", ".lzma", ".br", ".iso", ".img",
		".deb", ".rpm", ".apk", ".jar", ".cab", ".dmg":
		return ArchiveFile
	case ".sh", ".bash", ".py", ".pl", ".rb", ".exe", ".msi", ".bat", ".cmd", ".ps1", ".bin", ".appimage", ".so", ".dll":
		return ProgramFile
	case "":
		const known = 0o7777
		if r.Mode&^known == 0 && r.Mode&0o111 != 0 {
			return ProgramFile
		}
	}
	return PlainFile
}
