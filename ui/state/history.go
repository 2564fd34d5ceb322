package state

// A History is the folders that a pane has shown, with a place in them, as a web
// browser has it. The zero History is empty.
type History struct {
	paths []string
	at    int
}

const historyLimit = 200

// Visit notes that p is shown now. What lay ahead is forgotten.
func (h *History) Visit(p string) {
	if len(h.paths) > 0 && h.paths[h.at] == p {
		return
	}
	if len(h.paths) > 0 {
		h.paths = h.paths[:h.at+1]
	}
	h.paths = append(h.paths, p)
	if len(h.paths) > historyLimit {
		h.paths = h.paths[len(h.paths)-historyLimit:]
	}
	h.at = len(h.paths) - 1
}

// Peek returns the folder that lies steps ahead (1) or behind (-1), and whether
// there is one.
func (h *History) Peek(steps int) (string, bool) {
	i := h.at + steps
	if i < 0 || i >= len(h.paths) {
		return "", false
	}
	return h.paths[i], true
}

// Go moves by steps, as far as Peek says that it can.
func (h *History) Go(steps int) {
	if _, ok := h.Peek(steps); ok {
		h.at += steps
	}
}
