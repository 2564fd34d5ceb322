package transfers

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/dustin/go-humanize"

	"portside/client"
)

// Explain says for people what went wrong and what to do next. It knows the
// errors of this package and leaves the others to client.Explain.
func Explain(err error) client.Advice {
	if le, ok := errors.AsType[*IncompleteError](err); ok {
		return explainIncomplete(le)
	}
	a := explainOne(err)
	if ke, ok := errors.AsType[*KeptError](err); ok {
		kept := fmt.Sprintf("%s of %s are kept: transfer it again with “resume” to go on from there",
			humanize.Bytes(uint64(ke.Bytes)), humanize.Bytes(uint64(ke.Size)))
		if a.Next == "" {
			a.Next = kept + "."
		} else {
			a.Next += " " + kept + "."
		}
	}
	return a
}

func explainIncomplete(e *IncompleteError) client.Advice {
	first := Explain(e.Failed[0].Err)
	if len(e.Failed) == 1 {
		return first
	}
	first.Sentence = fmt.Sprintf("%d of %d could not be transferred. The first: %s",
		len(e.Failed), max(e.Total, len(e.Failed)), first.Sentence)
	return first
}

func explainOne(err error) client.Advice {
	if le, ok := errors.AsType[*LocalError](err); ok {
		return explainLocal(le)
	}
	if se, ok := errors.AsType[*SizeError](err); ok {
		return client.Advice{
			Sentence: fmt.Sprintf("%s is not complete: %d bytes instead of %d.", client.Printable(se.Path), se.Got, se.Want),
			Next:     "Transfer it again.",
			Kind:     client.KindData,
		}
	}
	if he, ok := errors.AsType[*HashError](err); ok {
		a := client.Advice{
			Sentence: fmt.Sprintf("The checksum (%s) of %s is not the same here and on the server.", he.Algo, client.Printable(he.Path)),
			Next:     "Transfer it again; if it stays so, something on the way, or a disk, changes files.",
			Kind:     client.KindData,
		}
		if he.Kept != "" {
			a.Sentence += fmt.Sprintf(" What arrived is kept as %s.", client.Printable(he.Kept))
		}
		return a
	}
	if ce, ok := errors.AsType[*ConflictError](err); ok {
		return explainConflict(ce)
	}
	if re, ok := errors.AsType[*RemoteExistsError](err); ok {
		return client.Advice{
			Sentence: fmt.Sprintf("%s exists already on the server.", client.Printable(re.Path)),
			Next:     "Choose what to do with existing files: overwrite, resume, rename or skip.",
			Kind:     client.KindOther,
		}
	}
	if le, ok := errors.AsType[*LimitError](err); ok {
		return client.Advice{
			Sentence: fmt.Sprintf("The folder has more than %d %s, which may be a loop of links.", le.Limit, le.What),
			Next:     "Transfer the folders in it one by one.",
			Kind:     client.KindOther,
		}
	}
	if ce, ok := errors.AsType[*MirrorConflictError](err); ok {
		return client.Advice{
			Sentence: fmt.Sprintf("%s %s.", client.Printable(ce.Path), ce.What),
			Next:     "Rename or remove one of the two.",
			Kind:     client.KindName,
		}
	}
	switch {
	case errors.Is(err, ErrEmptySource):
		return client.Advice{
			Sentence: "The source folder is empty, so that everything in the target would be deleted.",
			Next:     "Check that it is the right folder, and that its disk is there.",
			Kind:     client.KindOther,
		}
	case errors.Is(err, ErrNoHash):
		return client.Advice{
			Sentence: "The server computes no checksums (HASH, XSHA256, XMD5, XCRC), so files cannot be compared by them.",
			Next:     "Compare by size and time.",
			Kind:     client.KindUnsupported,
		}
	case errors.Is(err, ErrResume):
		return client.Advice{
			Sentence: "What is there already is not the beginning of the file, or the server cannot continue files.",
			Next:     "Transfer it again without “resume”.",
			Kind:     client.KindData,
		}
	case errors.Is(err, errProtected):
		return client.Advice{
			Sentence: "The root and the working folder are not deleted as a whole.",
			Next:     "Choose what is in it.",
			Kind:     client.KindName,
		}
	case errors.Is(err, ErrIsDir):
		return client.Advice{Sentence: "This is a folder, not a file.", Next: "Transfer it as a folder.", Kind: client.KindName}
	case errors.Is(err, ErrNotDir):
		return client.Advice{Sentence: "This is a file, not a folder.", Next: "Transfer it as a file.", Kind: client.KindName}
	}
	return client.Explain(err)
}

func explainConflict(e *ConflictError) client.Advice {
	a := client.Advice{
		Next: "Choose what to do with existing files: overwrite, resume, rename or skip.",
		Kind: client.KindOther,
	}
	if e.Direction == Uploading {
		a.Sentence = fmt.Sprintf("%s exists already on the server.", client.Printable(e.Remote))
	} else {
		a.Sentence = fmt.Sprintf("%s exists already on this computer.", client.Printable(filepath.Base(e.Local)))
	}
	return a
}

// explainLocal says what is wrong on this computer.
func explainLocal(e *LocalError) client.Advice {
	name := client.Printable(filepath.Base(e.Path))
	folder := client.Printable(filepath.Dir(e.Path))
	a := client.Advice{Kind: client.KindLocal}
	switch e.Kind {
	case LocalFull:
		a.Kind = client.KindSpace
		a.Sentence = fmt.Sprintf("There is no space left on this computer for %s.", name)
		a.Next = "Free some space, or choose another folder."
	case LocalTooBig:
		a.Kind = client.KindSpace
		a.Sentence = fmt.Sprintf("%s is larger than a file may be on this disk.", name)
		a.Next = "Choose a folder on another disk; FAT32 ends at 4 GB."
	case LocalDenied:
		a.Sentence = fmt.Sprintf("You are not allowed to %s %s in %s on this computer.", verbOf(e.Op), name, folder)
		a.Next = "Choose another folder, or change its permissions."
	case LocalReadOnly:
		a.Sentence = fmt.Sprintf("The disk of %s is read-only.", folder)
		a.Next = "Choose a folder on another disk."
	case LocalBadName:
		a.Kind = client.KindName
		a.Sentence = fmt.Sprintf("%s cannot be the name of a file on this computer: %v.", name, e.Err)
		a.Next = "Rename it on the server, or download it alone under another name."
	case LocalClash:
		a.Kind = client.KindName
		a.Sentence = fmt.Sprintf("%s would overwrite another file of the same transfer, since %v.", name, e.Err)
		a.Next = "Rename one of the two on the server, or download it to another folder."
	case LocalExists:
		a.Sentence = fmt.Sprintf("%s exists already in %s.", name, folder)
		a.Next = "Choose what to do with existing files: overwrite, resume, rename or skip."
	case LocalIsDir:
		a.Sentence = fmt.Sprintf("%s is a folder on this computer, not a file.", name)
		a.Next = "Choose another name, or transfer it as a folder."
	case LocalNotDir:
		a.Sentence = fmt.Sprintf("%s is a file on this computer, not a folder.", name)
		a.Next = "Choose another folder, or transfer it as a file."
	default:
		explainRare(e, name, folder, &a)
	}
	return a
}

func explainRare(e *LocalError, name, folder string, a *client.Advice) {
	switch e.Kind {
	case LocalMissing:
		a.Sentence = fmt.Sprintf("%s does not exist in %s on this computer.", name, folder)
		a.Next = "Check the name and the folder."
	case LocalEscape:
		a.Sentence = fmt.Sprintf("%s is a link that leads out of %s, so nothing was written there.", name, folder)
		a.Next = "Remove the link, or choose the folder that it leads to."
	case LocalChanged:
		if e.Op == "delete" {
			a.Sentence = fmt.Sprintf("%s was changed after the folders were compared, and was not deleted.", name)
			a.Next = "Compare them again."
			return
		}
		a.Sentence = fmt.Sprintf("%s was changed while it was transferred.", name)
		a.Next = "Transfer it again when nothing writes to it."
	case LocalBusy:
		a.Sentence = fmt.Sprintf("%s is being used by another transfer or program.", name)
		a.Next = "Wait for that to end, then try again."
	case LocalSpecial:
		a.Sentence = fmt.Sprintf("%s is neither a file nor a folder.", name)
	default:
		a.Sentence = fmt.Sprintf("%s could not be used on this computer: %v.", name, e.Err)
	}
}

// verbOf returns the operation as part of a sentence.
func verbOf(op string) string {
	switch op {
	case "create", "rename":
		return "create"
	case "write", "delete":
		return op
	default:
		return "read"
	}
}
