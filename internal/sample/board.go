package sample

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"linli/internal/area"
	"linli/internal/board"
	"linli/internal/staff"
)

// demoWords is what stands on the boards of a demonstration, each posted by one of its accounts.
var demoWords = []struct {
	login, at string
	words     board.Words
}{
	{"zhiban", "township", board.Words{Title: "冬季用电用气安全提醒", Pinned: true, Audience: board.ForResidents,
		Text: "天气转冷，请各家检查取暖设备和燃气软管，电动自行车不要进楼道、不要在楼道充电。\n老人独自在家的，请邻里和网格员多上门看看。发现隐患可以在这里上报，也可以打值班电话。"}},
	{"paidan", "village", board.Words{Title: "便民服务点本周六照常开放", Audience: board.ForResidents,
		Text: "为方便上班的居民，本周六上午8时30分至11时30分便民服务点照常办理，请带好身份证。"}},
	{"zhiban", "township", board.Words{Title: "走访登记注意事项", Audience: board.ForStaff,
		Text: "入户走访先亮明身份，只登记办事需要的内容；居民不愿说的不追问。"}},
}

// demoPhones are the duty phones of a demonstration. The numbers begin as none of a real exchange does.
var demoPhones = []struct {
	login, at, number string
	hours             []board.Hours
	note              string
}{
	{"zhiban", "township", "0513-00001100", nil, ""},
	{"paidan", "village", "0513-00001101", []board.Hours{{Days: board.EveryDay, From: "08:00", To: "18:00"}}, "其余时间请打街道值班电话"},
}

// demoBoard puts up the notices and phones of a demonstration.
func (b *builder) demoBoard(ctx context.Context) error {
	if !b.plan.Demo {
		return nil
	}
	places := map[string]string{string(area.Township): b.townships[0].Code, string(area.Village): b.demo.village}
	for i, d := range demoWords {
		who, err := b.demoActor(d.login)
		if err != nil {
			return err
		}
		// the same id for the same sample, as all of it
		id := uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s notice %d", b.plan.County, i))
		if _, err := b.app.Board.Post(ctx, who, id.String(), places[d.at], d.words); err != nil {
			return err
		}
	}
	for _, d := range demoPhones {
		who, err := b.demoActor(d.login)
		if err != nil {
			return err
		}
		if _, err := b.app.Board.SetDuty(ctx, who, board.Duty{Place: places[d.at], Phone: d.number, Hours: d.hours, Note: d.note}, 0); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) demoActor(login string) (*staff.Actor, error) {
	account, ok := b.app.Staff.ByLogin(login)
	if !ok {
		return nil, fmt.Errorf("nobody of the demonstration signs in as %s", login)
	}
	who, ok := b.app.Staff.ActorOf(account.ID, b.app.DB.Now().Add(time.Second))
	if !ok {
		return nil, fmt.Errorf("%s may not sign in", login)
	}
	return who, nil
}
