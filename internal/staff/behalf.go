package staff

import "time"

// ActorOf gives an account's actor without a session: for work done in somebody's name inside the program, such as a
// simulation or a command at the machine itself. It is never reached by a request. False: unknown or switched off.
func (s *Service) ActorOf(account string, at time.Time) (*Actor, bool) {
	reg := s.reg.Load()
	a := reg.accounts[account]
	if a == nil || !a.Active {
		return nil, false
	}
	return makeActor(reg, s.tree(), s.roles, a, ^uint64(0), at), true
}

// ByLogin finds an account by its login, for commands at the machine itself.
func (s *Service) ByLogin(login string) (Account, bool) {
	if a := s.reg.Load().logins()[normalLogin(login)]; a != nil {
		return *a, true
	}
	return Account{}, false
}

// NameOf is the name of an account, for those who read what it did; empty for an unknown one. Whether they may is
// decided by what they read.
func (s *Service) NameOf(account string) string {
	if a := s.reg.Load().accounts[account]; a != nil {
		return a.Name
	}
	return ""
}
