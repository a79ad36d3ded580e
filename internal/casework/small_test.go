package casework

import (
	"fmt"
	"testing"
)

func TestSmallPicturesKeepWhatWasLookedAtLast(t *testing.T) {
	p := newSmallPictures()
	part := smallKept / 4
	for n := range 4 {
		p.put(fmt.Sprint(n), make([]byte, part))
	}
	p.get("0")                            // looked at again
	p.put("4", make([]byte, part))        // 1 is the one nobody looked at for the longest
	p.put("0", make([]byte, part))        // is there already
	p.put("5", make([]byte, smallKept+1)) // more than all of them
	for of, want := range map[string]bool{"0": true, "1": false, "2": true, "3": true, "4": true, "5": false} {
		if _, ok := p.get(of); ok != want {
			t.Errorf("%s is kept: %v, want %v", of, ok, want)
		}
	}
	if p.bytes != smallKept || p.order.Len() != 4 || len(p.by) != 4 {
		t.Errorf("%d bytes in %d pictures, %d by their hash", p.bytes, p.order.Len(), len(p.by))
	}
}
