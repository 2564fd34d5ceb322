package queue

import (
	"sync"

	"portside/client/listing"
)

// knownMost bounds the entries that are remembered of remote folders.
const knownMost = 200_000

// knownFolders remembers what is in the remote folders that uploads go to, so
// that nobody asks for each file. What is forgotten is asked for.
type knownFolders struct {
	mu      sync.Mutex                         // guards what follows
	folders map[int64]map[string]listing.Entry // by the entry of the folder
	order   []int64                            // oldest first
	entries int
}

// put remembers a folder; a nil listing is one that was just made.
func (k *knownFolders) put(folder int64, l *listing.Listing) {
	names := map[string]listing.Entry{}
	if l != nil {
		for _, e := range l.Entries {
			names[e.Name] = e
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.folders == nil {
		k.folders = make(map[int64]map[string]listing.Entry)
	}
	if old, again := k.folders[folder]; again {
		k.entries -= len(old) + 1
	} else {
		k.order = append(k.order, folder)
	}
	k.folders[folder] = names
	k.entries += len(names) + 1
	for k.entries > knownMost && len(k.order) > 1 {
		k.entries -= len(k.folders[k.order[0]]) + 1
		delete(k.folders, k.order[0])
		k.order = k.order[1:]
	}
}

// target returns what is at a path in a folder; known is false where nobody
// has looked.
func (k *knownFolders) target(folder int64, remote string) (there *listing.Entry, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	names, known := k.folders[folder]
	if !known {
		return nil, false
	}
	_, name := splitRemote(remote)
	if e, ok := names[name]; ok {
		return &e, true
	}
	return nil, true
}
