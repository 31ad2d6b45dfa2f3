package iam

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

func (w *changing) ofUsers() map[string]operation {
	return map[string]operation{
		"CreateUser": func(c *rand.Rand, d *Draft) error {
			bound := pick(c, "", "", d.someARN(c))
			return second(d.CreateUser(NewUser{Name: name(c), Path: pick(c, "", "/p/", "/q/"), Boundary: bound, Tags: someTags(c)}))
		},
		"UpdateUser": func(c *rand.Rand, d *Draft) error {
			return d.UpdateUser(name(c), pick(c, "", name(c)), pick(c, "", "/p/", "/q/"))
		},
		// One that is bare, most often by being made so.
		"DeleteUser": func(c *rand.Rand, d *Draft) error {
			return d.someUser(c, func(u *User) error {
				if c.IntN(2) == 0 {
					d.clear(u)
				}
				return d.DeleteUser(u.Name)
			})
		},
		"TagUser":                       func(c *rand.Rand, d *Draft) error { return d.TagUser(name(c), someTags(c)) },
		"UntagUser":                     func(c *rand.Rand, d *Draft) error { return d.UntagUser(name(c), someKeys(c)) },
		"PutUserPermissionsBoundary":    func(c *rand.Rand, d *Draft) error { return d.PutUserPermissionsBoundary(name(c), d.someARN(c)) },
		"DeleteUserPermissionsBoundary": func(c *rand.Rand, d *Draft) error { return d.DeleteUserPermissionsBoundary(name(c)) },
		"CreateLoginProfile": func(c *rand.Rand, d *Draft) error {
			return d.prepared(c, func(u *User, p *Password) error { return second(d.CreateLoginProfile(u, p, c.IntN(2) == 0)) })
		},
		"UpdateLoginProfile": func(c *rand.Rand, d *Draft) error {
			reset := c.IntN(2) == 0
			return d.prepared(c, func(u *User, p *Password) error { return d.UpdateLoginProfile(u, p, &reset) })
		},
		"ChangePassword": func(c *rand.Rand, d *Draft) error {
			return d.prepared(c, func(u *User, p *Password) error { return d.ChangePassword(u, p) })
		},
		"DeleteLoginProfile": func(c *rand.Rand, d *Draft) error { return d.someUser(c, d.DeleteLoginProfile) },
	}
}

// clear takes a user all that holds up its deletion.
func (d *Draft) clear(u *User) {
	for _, m := range d.MFADevicesAfter(u, "") {
		next := clone(m)
		next.Owner = ""
		d.putDevice(m, next)
	}
	d.putUser(u, &User{ID: u.ID, Name: u.Name, Path: u.Path, CreateDate: u.CreateDate})
}

func (d *Draft) prepared(c *rand.Rand, do func(*User, *Password) error) error {
	return d.someUser(c, func(u *User) error {
		p, err := d.Prepare(u, goodPassword+fmt.Sprint(c.IntN(30)))
		if err != nil {
			return err
		}
		return do(u, p)
	})
}

func (w *changing) ofGroups() map[string]operation {
	return map[string]operation{
		"CreateGroup": func(c *rand.Rand, d *Draft) error { return second(d.CreateGroup(name(c), pick(c, "", "/g/"))) },
		"UpdateGroup": func(c *rand.Rand, d *Draft) error {
			return d.UpdateGroup(name(c), pick(c, "", name(c)), pick(c, "", "/g/"))
		},
		"DeleteGroup":         func(c *rand.Rand, d *Draft) error { return d.DeleteGroup(name(c)) },
		"AddUserToGroup":      func(c *rand.Rand, d *Draft) error { return d.AddUserToGroup(name(c), name(c)) },
		"RemoveUserFromGroup": func(c *rand.Rand, d *Draft) error { return d.RemoveUserFromGroup(name(c), name(c)) },
	}
}

func (w *changing) ofRoles() map[string]operation {
	trusts := func(c *rand.Rand, d *Draft) string {
		if u, err := some(c, d.users); err == nil && c.IntN(2) == 0 {
			return trusting(`"` + d.UserARN(u) + `"`)
		}
		return trusting(`"` + testAccount + `"`)
	}
	const service = "autoscaling.amazonaws.com"
	return map[string]operation{
		"CreateRole": func(c *rand.Rand, d *Draft) error {
			bound := pick(c, "", "", d.someARN(c))
			return second(d.CreateRole(NewRole{Name: name(c), Path: pick(c, "", "/r/"), Trust: trusts(c, d), Boundary: bound, Tags: someTags(c)}))
		},
		"AcquireRole": func(_ *rand.Rand, d *Draft) error { return second(d.AcquireRole(w.plan)) },
		"UpdateRole": func(c *rand.Rand, d *Draft) error {
			text := w.next()
			return d.UpdateRole(name(c), pick(c, nil, &text), pick[int32](c, 0, 7200))
		},
		"UpdateRoleDescription":         func(c *rand.Rand, d *Draft) error { return second(d.UpdateRoleDescription(name(c), w.next())) },
		"UpdateAssumeRolePolicy":        func(c *rand.Rand, d *Draft) error { return d.UpdateAssumeRolePolicy(name(c), trusts(c, d)) },
		"DeleteRole":                    func(c *rand.Rand, d *Draft) error { return d.DeleteRole(name(c)) },
		"TagRole":                       func(c *rand.Rand, d *Draft) error { return d.TagRole(name(c), someTags(c)) },
		"UntagRole":                     func(c *rand.Rand, d *Draft) error { return d.UntagRole(name(c), someKeys(c)) },
		"PutRolePermissionsBoundary":    func(c *rand.Rand, d *Draft) error { return d.PutRolePermissionsBoundary(name(c), d.someARN(c)) },
		"DeleteRolePermissionsBoundary": func(c *rand.Rand, d *Draft) error { return d.DeleteRolePermissionsBoundary(name(c)) },
		"CreateServiceLinkedRole": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateServiceLinkedRole(service, pick(c, "", "a", "b"), "linked"))
		},
		// Of the same role again and again, until the oldest deletions are forgotten.
		"DeleteServiceLinkedRole": func(c *rand.Rand, d *Draft) error {
			r, err := some(c, d.roles)
			if err != nil {
				return err
			}
			if _, err := d.DeleteServiceLinkedRole(r.Name, fmt.Sprint(c.Uint32())); err != nil {
				return err
			}
			for range pick(c, 0, 0, 0, 0, 0, 0, RoleDeletions) {
				suffix := pick(c, "c", "d")
				if err := errors.Join(second(d.CreateServiceLinkedRole(service, suffix, "")),
					second(d.DeleteServiceLinkedRole("AWSServiceRoleForAutoScaling_"+suffix, fmt.Sprint(c.Uint32())))); err != nil {
					return err
				}
			}
			return nil
		},
		"CreateInstanceProfile":         func(c *rand.Rand, d *Draft) error { return second(d.CreateInstanceProfile(name(c), "", someTags(c))) },
		"DeleteInstanceProfile":         func(c *rand.Rand, d *Draft) error { return d.DeleteInstanceProfile(name(c)) },
		"AddRoleToInstanceProfile":      func(c *rand.Rand, d *Draft) error { return d.AddRoleToInstanceProfile(name(c), name(c)) },
		"RemoveRoleFromInstanceProfile": func(c *rand.Rand, d *Draft) error { return d.RemoveRoleFromInstanceProfile(name(c), name(c)) },
		"TagInstanceProfile":            func(c *rand.Rand, d *Draft) error { return d.TagInstanceProfile(name(c), someTags(c)) },
		"UntagInstanceProfile":          func(c *rand.Rand, d *Draft) error { return d.UntagInstanceProfile(name(c), someKeys(c)) },
	}
}

func (w *changing) ofPolicies() map[string]operation {
	with := func(do func(c *rand.Rand, d *Draft, p *Policy) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.policies)
			if err != nil {
				return err
			}
			return do(c, d, p)
		}
	}
	version := func(c *rand.Rand, p *Policy) string { return p.Versions[c.IntN(len(p.Versions))].ID }
	return map[string]operation{
		"CreatePolicy": func(c *rand.Rand, d *Draft) error {
			return second(d.CreatePolicy(NewPolicy{Name: pick(c, "P1", "p1", "P2", "P3"), Path: pick(c, "", "/x/"), Document: allowS3, Tags: someTags(c)}))
		},
		"DeletePolicy": with(func(_ *rand.Rand, d *Draft, p *Policy) error { return d.DeletePolicy(p.ARN) }),
		"CreatePolicyVersion": with(func(c *rand.Rand, d *Draft, p *Policy) error {
			return second(d.CreatePolicyVersion(p.ARN, pick(c, allowS3, denyS3), c.IntN(2) == 0))
		}),
		"DeletePolicyVersion":     with(func(c *rand.Rand, d *Draft, p *Policy) error { return d.DeletePolicyVersion(p.ARN, version(c, p)) }),
		"SetDefaultPolicyVersion": with(func(c *rand.Rand, d *Draft, p *Policy) error { return d.SetDefaultPolicyVersion(p.ARN, version(c, p)) }),
		"TagPolicy":               with(func(c *rand.Rand, d *Draft, p *Policy) error { return d.TagPolicy(p.ARN, someTags(c)) }),
		"UntagPolicy":             with(func(c *rand.Rand, d *Draft, p *Policy) error { return d.UntagPolicy(p.ARN, someKeys(c)) }),
		"AttachPolicy":            func(c *rand.Rand, d *Draft) error { return d.AttachPolicy(entity(c), d.someARN(c)) },
		"DetachPolicy":            func(c *rand.Rand, d *Draft) error { return d.DetachPolicy(entity(c), d.someARN(c)) },
		"PutInlinePolicy": func(c *rand.Rand, d *Draft) error {
			return d.PutInlinePolicy(entity(c), pick(c, "a", "b"), pick(c, allowS3, denyS3))
		},
		"DeleteInlinePolicy": func(c *rand.Rand, d *Draft) error { return d.DeleteInlinePolicy(entity(c), pick(c, "a", "b")) },
	}
}

func (w *changing) ofCredentials() map[string]operation {
	key := func(c *rand.Rand, u *User, d *Draft) string {
		keys := d.Root.Keys
		if u != nil {
			keys = u.Keys
		}
		if len(keys) == 0 {
			return "AKIANONE"
		}
		return keys[c.IntN(len(keys))].ID
	}
	certificate := func(c *rand.Rand, u *User, d *Draft) string {
		if list := d.certificatesOf(u); len(list) > 0 {
			return list[c.IntN(len(list))].ID
		}
		return "none"
	}
	ssh := func(c *rand.Rand, d *Draft, do func(user, id string) error) error {
		return d.someUser(c, func(u *User) error {
			if len(u.SSHKeys) == 0 {
				return errNothing
			}
			return do(u.Name, u.SSHKeys[0].ID)
		})
	}
	service := func(c *rand.Rand, d *Draft, do func(u *User, id string) error) error {
		return d.someUser(c, func(u *User) error {
			if len(u.ServiceCredentials) == 0 {
				return errNothing
			}
			return do(u, u.ServiceCredentials[c.IntN(len(u.ServiceCredentials))].ID)
		})
	}
	return map[string]operation{
		"CreateAccessKey": func(c *rand.Rand, d *Draft) error { return third(d.CreateAccessKey(owner(c, d))) },
		"UpdateAccessKey": func(c *rand.Rand, d *Draft) error {
			u := owner(c, d)
			return d.UpdateAccessKey(u, key(c, u, d), status(c))
		},
		"DeleteAccessKey": func(c *rand.Rand, d *Draft) error {
			u := owner(c, d)
			return d.DeleteAccessKey(u, key(c, u, d))
		},
		"UploadSigningCertificate": func(c *rand.Rand, d *Draft) error {
			return second(d.UploadSigningCertificate(owner(c, d), pick(c, w.certs...).pem))
		},
		"UpdateSigningCertificate": func(c *rand.Rand, d *Draft) error {
			u := owner(c, d)
			return d.UpdateSigningCertificate(u, certificate(c, u, d), status(c))
		},
		"DeleteSigningCertificate": func(c *rand.Rand, d *Draft) error {
			u := owner(c, d)
			return d.DeleteSigningCertificate(u, certificate(c, u, d))
		},
		"UploadServerCertificate": func(c *rand.Rand, d *Draft) error {
			i := c.IntN(len(w.certs))
			return second(d.UploadServerCertificate(NewServerCertificate{Name: name(c), Body: w.certs[i].pem, PrivateKey: w.keys[i], Tags: someTags(c)}))
		},
		"UpdateServerCertificate": func(c *rand.Rand, d *Draft) error {
			return d.UpdateServerCertificate(name(c), pick(c, "", name(c)), pick(c, "", "/s/"))
		},
		"DeleteServerCertificate": func(c *rand.Rand, d *Draft) error { return d.DeleteServerCertificate(name(c)) },
		"TagServerCertificate":    func(c *rand.Rand, d *Draft) error { return d.TagServerCertificate(name(c), someTags(c)) },
		"UntagServerCertificate":  func(c *rand.Rand, d *Draft) error { return d.UntagServerCertificate(name(c), someKeys(c)) },
		"UploadSSHPublicKey": func(c *rand.Rand, d *Draft) error {
			return second(d.UploadSSHPublicKey(name(c), sshLine(w.t, 2048, int64(c.IntN(4)))))
		},
		"UpdateSSHPublicKey": func(c *rand.Rand, d *Draft) error {
			return ssh(c, d, func(user, id string) error { return d.UpdateSSHPublicKey(user, id, status(c)) })
		},
		"DeleteSSHPublicKey": func(c *rand.Rand, d *Draft) error { return ssh(c, d, d.DeleteSSHPublicKey) },
		"CreateServiceCredential": func(c *rand.Rand, d *Draft) error {
			return third(d.CreateServiceCredential(name(c), pick(c, "codecommit.amazonaws.com", "bedrock.amazonaws.com"), pick[int32](c, 0, 30)))
		},
		"UpdateServiceCredential": func(c *rand.Rand, d *Draft) error {
			return service(c, d, func(u *User, id string) error { return d.UpdateServiceCredential(u, id, status(c)) })
		},
		"ResetServiceCredential": func(c *rand.Rand, d *Draft) error {
			return service(c, d, func(u *User, id string) error { return third(d.ResetServiceCredential(u, id)) })
		},
		"DeleteServiceCredential": func(c *rand.Rand, d *Draft) error { return service(c, d, d.DeleteServiceCredential) },
	}
}

func (w *changing) ofDevices() map[string]operation {
	with := func(do func(c *rand.Rand, d *Draft, owner *User, m *MFADevice) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			m, err := some(c, d.devices)
			if err != nil {
				return err
			}
			of, _ := d.UserByID(m.Owner) // nil is root
			if m.Owner == "" {
				of = owner(c, d)
			}
			return do(c, d, of, m)
		}
	}
	codes := func(d *Draft) (one, two string) { return codeAt(w.t, d, -1), codeAt(w.t, d, 0) }
	return map[string]operation{
		"CreateVirtualMFADevice": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateVirtualMFADevice(NewMFADevice{Name: name(c), Path: pick(c, "", "/m/"), Seed: testSeed, Tags: someTags(c)}))
		},
		"EnableMFADevice": with(func(c *rand.Rand, d *Draft, u *User, m *MFADevice) error {
			one, two := codes(d)
			return d.EnableMFADevice(u, d.Serial(m), one, two)
		}),
		"ResyncMFADevice": with(func(c *rand.Rand, d *Draft, u *User, m *MFADevice) error {
			one, two := codes(d)
			return d.ResyncMFADevice(u, d.Serial(m), one, two)
		}),
		"UseCode": with(func(c *rand.Rand, d *Draft, u *User, m *MFADevice) error {
			_, two := codes(d)
			return d.UseCode(u, d.Serial(m), two)
		}),
		"DeactivateMFADevice": with(func(_ *rand.Rand, d *Draft, u *User, m *MFADevice) error {
			return d.DeactivateMFADevice(u, d.Serial(m))
		}),
		"DeleteVirtualMFADevice": with(func(_ *rand.Rand, d *Draft, _ *User, m *MFADevice) error {
			return d.DeleteVirtualMFADevice(d.Serial(m))
		}),
		"TagMFADevice": with(func(c *rand.Rand, d *Draft, _ *User, m *MFADevice) error {
			return d.TagMFADevice(d.Serial(m), someTags(c))
		}),
		"UntagMFADevice": with(func(c *rand.Rand, d *Draft, _ *User, m *MFADevice) error {
			return d.UntagMFADevice(d.Serial(m), someKeys(c))
		}),
		"EnablePasskey": func(c *rand.Rand, d *Draft) error {
			return second(d.EnablePasskey(owner(c, d), strings.ToLower(name(c)), testPasskey(d, w.next())))
		},
		"UsePasskey": with(func(_ *rand.Rand, d *Draft, u *User, m *MFADevice) error {
			if m.Passkey == nil {
				return errNothing
			}
			return d.UsePasskey(u, PasskeyUse{Serial: d.Serial(m), Issued: d.now().Add(time.Second), SignCount: m.Passkey.SignCount + 1})
		}),
	}
}
