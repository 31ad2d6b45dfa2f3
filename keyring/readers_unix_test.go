//go:build unix

package keyring

import (
	"io/fs"
	"strings"
	"testing"
)

// TestStranger: whoever may read a file beside its owner is one of us, by root's
// will, or the file is refused with what to do about it.
func TestStranger(t *testing.T) {
	const root, iamd, other, fsGroup = 0, 65532, 1001, 2000
	node := identity{iamd, []int{fsGroup, iamd}}
	for name, c := range map[string]struct {
		file  rights
		us    identity
		wrong string // empty: it is taken
	}{
		"our own":                              {rights{mode: 0o600, owner: iamd, group: iamd}, node, ""},
		"read-only":                            {rights{mode: 0o400, owner: iamd, group: other}, node, ""},
		"a Secret's, by fsGroup":               {rights{mode: 0o440, owner: root, group: fsGroup}, node, ""},
		"root's, for our primary group":        {rights{mode: 0o640, owner: root, group: iamd}, node, ""},
		"a Secret's, to root in fsGroup":       {rights{mode: 0o440, owner: root, group: fsGroup}, identity{root, []int{root, fsGroup}}, ""},
		"a Secret's, as mounted by default":    {rights{mode: 0o644, owner: root, group: fsGroup}, node, "others (mode 0644): chmod 440 it (of a Kubernetes volume: defaultMode 0400)"},
		"root's, for all":                      {rights{mode: 0o644, owner: root, group: root}, node, "others (mode 0644): chown it to user 65532 and chmod 600 it"},
		"for all":                              {rights{mode: 0o604, owner: iamd, group: iamd}, node, "others (mode 0604): chmod 600 it"},
		"written by our group":                 {rights{mode: 0o660, owner: root, group: iamd}, node, "written or run (mode 0660): chmod 440 it"},
		"run by our group":                     {rights{mode: 0o450, owner: root, group: iamd}, node, "written or run (mode 0450): chmod 440 it"},
		"our own, for our group":               {rights{mode: 0o640, owner: iamd, group: iamd}, node, "its group (mode 0640): chmod 600 it"},
		"another's, for our group":             {rights{mode: 0o440, owner: other, group: iamd}, node, "its group (mode 0440): chmod 600 it"},
		"root's, for others' group":            {rights{mode: 0o440, owner: root, group: other}, node, "group 1001, in which iamd does not run (mode 0440): chown it to user 65532 and chmod 600 it"},
		"root's, for its group, to root":       {rights{mode: 0o640, owner: root, group: root}, identity{root, []int{root}}, "its group (mode 0640): chmod 600 it"},
		"root's, for others' group, to root":   {rights{mode: 0o640, owner: root, group: other}, identity{root, []int{root}}, "group 1001, in which iamd does not run (mode 0640): run this by setpriv --groups 1001 or chmod 600 it"},
		"a credential of systemd's":            {rights{0o440, root, root, []listed{{kindUser, iamd}}}, node, ""},
		"lent to us and to root":               {rights{0o440, root, root, []listed{{kindUser, root}, {kindUser, iamd}, {kindGroup, fsGroup}}}, node, ""},
		"lent to us, and its group reads":      {rights{0o440, root, root, []listed{{kindUser, iamd}, {kindOwnGroup, 0}}}, node, "group 0, in which iamd does not run (mode 0440): chown it to user 65532 and chmod 600 it"},
		"lent to another too":                  {rights{0o440, root, root, []listed{{kindUser, iamd}, {kindUser, other}}}, node, "user 1001 by its access control list (mode 0440): setfacl --remove-all it"},
		"lent to another group too":            {rights{0o440, root, fsGroup, []listed{{kindOwnGroup, 0}, {kindGroup, other}}}, node, "group 1001 by its access control list (mode 0440): setfacl --remove-all it"},
		"a list that lets nobody beside us in": {rights{0o440, root, other, []listed{}}, node, ""},
	} {
		who, remedy := c.file.stranger(c.us)
		said := ""
		if who != "" {
			said = refusal("f", who, c.file.mode, remedy).Error()
		}
		if (said == "") != (c.wrong == "") || !strings.Contains(said, c.wrong) {
			t.Errorf("%s: %q, want %q", name, said, c.wrong)
		}
	}
	// Of the modes that let others in, no group and no list makes one good.
	for mode := range fs.FileMode(0o1000) {
		for _, list := range [][]listed{nil, {}, {{kindUser, iamd}}} {
			if who, _ := (rights{mode, root, fsGroup, list}).stranger(node); (who == "") != (mode&0o037 == 0) {
				t.Errorf("%04o with %v: %q", mode, list, who)
			}
		}
	}
}
