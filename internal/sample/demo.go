package sample

import (
	"context"
	"errors"
	"sync"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// DemoPassword is the one password of all ready-made accounts. It is published, so it may exist only where
// nobody else can come in: whoever lays out a Plan with Demo must listen on loopback only. Nothing but a
// Plan with Demo ever uses it.
const DemoPassword = "lin-li-shi-fan-2026"

// DemoAccount is a ready-made account of the demonstration: one of each kind, all of one village and its
// township, so that a case can be walked from hand to hand.
type DemoAccount struct {
	Login string     `json:"login" doc:"empty: no account is needed"`
	Name  string     `json:"name"`
	Post  staff.Post `json:"post,omitempty"`
	Title lang.Text  `json:"title"`
	Where string     `json:"where" doc:"name of the area or organisation"`
	Try   lang.Text  `json:"try" doc:"what to try with it"`
}

// demoPlaces is where the demonstration is at home.
type demoPlaces struct {
	village string
	posts   []demoPost
	rows    map[staff.Post]staff.ImportRow // by post, until the accounts are appointed
}

type demoPost struct {
	login, name, role, place string
	try                      lang.Text
}

// demoCast is who is ready-made. The place is that of the role's level around the demonstration's grid, or
// an office by its function.
var demoCast = []struct {
	login, name, role, at string
	try                   lang.Text
}{
	{"wangge", "陈晓燕", "grid-member", "grid", lang.T("上报一件事;签收派来的事,办完反馈", "Report a matter; take what is handed over, do it, report it done")},
	{"gezhang", "王建国", "grid-head", "grid", lang.T("看本网格的全部事项;网格员不在时由您顶上", "See all matters of the grid; you step in when the member is away")},
	{"paidan", "李桂兰", "dispatcher", "village", lang.T("甄别新上报:网格内办、交办、吹哨、上报、并案;核查办完的事", "Sort what comes in: here, a unit, whistle, up, merge; verify what was done")},
	{"shuji", "张德明", "village-head", "village", lang.T("看全村事项,催办、督办", "See the whole village; urge and supervise")},
	{"jianwei", "周玉梅", "supervisory-committee", "village", lang.T("对照承诺看结果,写监督意见", "Compare promises with results and add the committee's note")},
	{"zhiyuan", "马晓岚", "volunteer", "village", lang.T("接一张三单服务的单子", "Take an order that was offered to volunteers")},
	{"tiaojie", "吴守信", "mediator", "village", lang.T("接一件纠纷", "Take a dispute")},
	{"falv", "徐静怡", "legal-adviser", "village", lang.T("答复一件法律咨询", "Answer a question of law")},
	{"zhiban", "赵卫东", "duty-officer", "township", lang.T("应哨派部门;裁定“不属本单位”", "Answer a whistle and call units; rule on \"not ours\"")},
	{"zhuren", "刘文斌", "centre-head", "township", lang.T("批延期;给空岗任命人", "Approve an extension; fill a vacant post")},
	{"ducha", "孙立新", "supervisor", "township", lang.T("看超期,督办;看谁查过实名", "Watch what is late, supervise; see who revealed a name")},
	{"sifa", "朱慧娟", "judicial-officer", "township", lang.T("派法律服务单", "Hand out legal service")},
	{"guijian", "胡明亮", "unit-officer", "housing", lang.T("签收规划建设办的单子;退回不属于本单位的", "Take orders of the construction office; hand back what is not yours")},
	{"nongye", "郭春生", "unit-officer", "agriculture", lang.T("和规划建设办一起会办吹哨的事", "Join the construction office when a whistle calls both")},
	{"zhifa", "何大勇", "unit-head", "urban-management", lang.T("签收综合执法队的单子", "Take orders of the enforcement team")},
	{"huawu", "林佳怡", "hotline-agent", "county", lang.T("接一个 12345 电话,派给镇街或单位", "Take a call to 12345 and hand it to a township or unit")},
	{"huifang", "高文静", "hotline-callback", "county", lang.T("回访热线办结的单", "Call back after a hotline order is done")},
	{"zhihui", "罗海涛", "duty-officer", "county", lang.T("县指挥中心:裁定热线退单", "County command centre: rule on hotline hand-backs")},
	{"guanli", "郑思远", "administrator", "county", lang.T("管区划、人岗、模型、日历", "Keep areas, posts, models and calendars")},
}

// chooseDemo settles the village, the grid and the offices of the demonstration, and who is where.
func (b *builder) chooseDemo() demoPlaces {
	t := b.townships[0]
	v := t.below[0]
	d := demoPlaces{village: v.Code, rows: map[staff.Post]staff.ImportRow{}}
	if !b.plan.Demo {
		return d
	}
	at := map[string]string{string(area.Grid): v.below[0].Code, string(area.Village): v.Code, string(area.Township): t.Code, string(area.County): b.county.Code}
	for _, o := range b.offices() {
		if o.Area == t.Code {
			for _, f := range o.Functions() {
				at[f] = o.Code
			}
		}
	}
	for i, c := range demoCast {
		place := at[c.at]
		if place == "" {
			continue
		}
		d.posts = append(d.posts, demoPost{c.login, c.name, c.role, place, c.try})
		d.rows[staff.MakePost(c.role, place)] = staff.ImportRow{Login: c.login, Name: c.name, Phone: phone(90_000_000 + i), Role: c.role, Place: place}
	}
	return d
}

// demoAccounts makes the accounts with their password, two at a time, for hashing takes its time. Their
// posts come with everybody's.
func (b *builder) demoAccounts(ctx context.Context) error {
	errs := make([]error, len(b.demo.posts))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 2)
	for i, p := range b.demo.posts {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			row := b.demo.rows[staff.MakePost(p.role, p.place)]
			_, errs[i] = b.app.Staff.CreateAccount(ctx, b.actor, staff.CreateAccountCommand{Login: row.Login, Name: row.Name, Phone: row.Phone, Password: DemoPassword})
		})
	}
	wg.Wait()
	b.report.Accounts += len(b.demo.posts)
	return errors.Join(errs...)
}

// DemoAccounts lists the ready-made accounts of a county laid out with Demo, with what to try; first the
// resident, who needs none. The password of all is DemoPassword. The list is read from what is there, so
// it holds for a folder laid out earlier.
//
// Errors: NotFound "no-demo" when the county was not laid out with Demo.
func DemoAccounts(a *app.App) ([]DemoAccount, error) {
	tree := a.Areas.Tree()
	out := []DemoAccount{{Title: lang.T("居民", "Resident"),
		Try: lang.T("不用登录:报一件事,记下查询码;办完后评价", "No sign-in: report a matter, keep the tracking code; rate it when it is done")}}
	now := a.DB.Now()
	for _, c := range demoCast {
		for _, place := range demoWhere(tree, c.at) {
			post := staff.MakePost(c.role, place)
			for _, holder := range a.Staff.Holders(post, now) {
				if holder.Login != c.login {
					continue
				}
				d := DemoAccount{Login: c.login, Name: holder.Name, Post: post, Try: c.try}
				if role, ok := a.Staff.RoleTable().Get(c.role); ok {
					d.Title = role.Title
				}
				if org, ok := tree.Org(place); ok {
					d.Where = org.Name
				} else if at, ok := tree.Area(place); ok {
					d.Where = at.Name
				}
				out = append(out, d)
			}
		}
	}
	if len(out) == 1 {
		return nil, fault.New(fault.NotFound, "no-demo", "这个数据目录不是演示数据", "This folder was not laid out as a demonstration")
	}
	return out, nil
}

// demoWhere lists where an account of the cast may be: the first area of a level, or the first township's
// office of a function.
func demoWhere(tree *area.Tree, at string) []string {
	roots := tree.Root()
	if len(roots) == 0 {
		return nil
	}
	code := roots[0].Code
	for _, level := range []area.Level{area.County, area.Township, area.Village, area.Grid} {
		if level != area.County {
			below := tree.Children(code)
			if len(below) == 0 {
				return nil
			}
			code = below[0].Code
		}
		if string(level) == at {
			return []string{code}
		}
		if level == area.Township {
			if org, ok := tree.OrgFor(code, at); ok {
				return []string{org.Code}
			}
		}
	}
	return nil
}
