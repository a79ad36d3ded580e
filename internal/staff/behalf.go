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
