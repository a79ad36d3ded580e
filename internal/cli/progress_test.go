package cli

import (
	"bytes"
	"testing"
	"time"

	"linli/internal/platform/database"
)

func TestAnUpgradeThatTakesLongIsToldInPlainWords(t *testing.T) {
	for lang, want := range map[string]string{
		"C":           "upgrading the database, let it finish: casework/0007_work (step 2 of 3), at INSERT INTO handled (6/6), 650285 rows written, for 35s\n",
		"zh_CN.UTF-8": "正在升级数据库,请勿中断:casework/0007_work(第 2 步,共 3 步),正在执行 INSERT INTO handled(6/6),已写入 650285 行,已用 35s\n",
	} {
		t.Setenv("LC_ALL", lang)
		var out, errOut bytes.Buffer
		p := &program{out: &out, err: &errOut}
		u := database.Upgrade{ID: "casework/0007_work", Step: 2, Steps: 3}
		p.upgrading(u) // it begins: nothing to say as long as it is quick
		u.Part, u.Parts, u.Doing, u.Rows, u.For = 6, 6, "INSERT INTO handled", 650285, 35*time.Second
		p.upgrading(u)
		if errOut.String() != want || out.Len() > 0 {
			t.Errorf("on its way: %q, %q", errOut.String(), out.String())
		}
		u.Done = true
		p.upgrading(u)
		if out.String() != "taken  casework/0007_work\n" || errOut.String() != want {
			t.Errorf("taken: %q, %q", out.String(), errOut.String())
		}
	}
}
