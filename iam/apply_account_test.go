package iam

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// nowhere is a name that no operation but a swap uses.
const nowhere = "nowhere"

// swaps let two entities of a kind change names, or one go and another come.
func (w *changing) swaps() map[string]operation {
	three := func(c *rand.Rand, names []string, rename func(from, to string) error) error {
		if len(names) < 2 {
			return errNothing
		}
		c.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		return errors.Join(rename(names[0], nowhere), rename(names[1], names[0]), rename(nowhere, names[1]))
	}
	return map[string]operation{
		"swap users": func(c *rand.Rand, d *Draft) error {
			return three(c, d.users.Keys(), func(from, to string) error { return d.UpdateUser(from, to, "") })
		},
		"swap groups": func(c *rand.Rand, d *Draft) error {
			return three(c, d.groups.Keys(), func(from, to string) error { return d.UpdateGroup(from, to, "") })
		},
		"swap certificates": func(c *rand.Rand, d *Draft) error {
			return three(c, d.serverCertificates.Keys(), func(from, to string) error { return d.UpdateServerCertificate(from, to, "") })
		},
		"user anew": func(c *rand.Rand, d *Draft) error {
			return d.someUser(c, func(u *User) error {
				bare := &User{ID: u.ID, Name: u.Name, Path: u.Path, CreateDate: u.CreateDate}
				d.putUser(u, bare)
				return errors.Join(d.DeleteUser(u.Name), second(d.CreateUser(NewUser{Name: strings.ToUpper(u.Name)})))
			})
		},
		"device anew": func(c *rand.Rand, d *Draft) error {
			m, err := some(c, d.devices)
			if err != nil || m.Owner != "" || m.Passkey != nil {
				return errNothing
			}
			return errors.Join(d.DeleteVirtualMFADevice(d.Serial(m)),
				second(d.CreateVirtualMFADevice(NewMFADevice{Name: m.Name, Path: m.Path, Seed: testSeed})))
		},
		"policy anew": func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.policies)
			if err != nil || len(p.Versions) > 1 {
				return errNothing
			}
			if err := d.DeletePolicy(p.ARN); err != nil {
				return err
			}
			return second(d.CreatePolicy(NewPolicy{Name: strings.ToUpper(p.Name), Document: denyS3}))
		},
	}
}

func (w *changing) ofReports() map[string]operation {
	return map[string]operation{
		"GenerateCredentialReport": func(c *rand.Rand, d *Draft) error { return second(d.GenerateCredentialReport(neverUsed)) },
		"AddAccessJob": func(c *rand.Rand, d *Draft) error {
			for range pick(c, 1, 1, 1, 2, 3, AccessJobs+1) {
				d.AddAccessJob(AccessJob{ID: fmt.Sprint(c.Uint32()), Caller: "AIDA", ARN: d.RootARN(), Services: []string{"s3"}})
			}
			return nil
		},
		"AddOrganizationReport": func(c *rand.Rand, d *Draft) error {
			for range pick(c, 1, 1, 1, 2, 3, OrganizationReports+1) {
				d.AddOrganizationReport(OrganizationReport{ID: fmt.Sprint(c.Uint32()), Caller: "AIDA", Path: "o/r", Failure: NoEntityPath})
			}
			return nil
		},
	}
}

func (w *changing) ofAccount() map[string]operation {
	return map[string]operation{
		"CreateAccountAlias": func(c *rand.Rand, d *Draft) error { return d.CreateAccountAlias(pick(c, "a", "b", "c")) },
		"DeleteAccountAlias": func(_ *rand.Rand, d *Draft) error { return d.DeleteAccountAlias(d.Alias) },
		"UpdateAccountPasswordPolicy": func(c *rand.Rand, d *Draft) error {
			d.UpdateAccountPasswordPolicy(PasswordPolicy{MinLength: 6 + c.IntN(4), Reuse: c.IntN(5), Symbols: c.IntN(2) == 0})
			return nil
		},
		"DeleteAccountPasswordPolicy": func(_ *rand.Rand, d *Draft) error { return d.DeleteAccountPasswordPolicy() },
		"PutProperties": func(c *rand.Rand, d *Draft) error {
			return d.PutProperties(map[string]string{roleManagerEnabled: pick(c, "true", "false")})
		},
		"SetGlobalEndpointTokenVersion": func(c *rand.Rand, d *Draft) error {
			d.SetGlobalEndpointTokenVersion(1 + c.IntN(2))
			return nil
		},
		"Join":               func(c *rand.Rand, d *Draft) error { d.Join(pick(c, "", "o-1", "o-2")); return nil },
		"LinkOrganizations":  func(_ *rand.Rand, d *Draft) error { return d.LinkOrganizations() },
		"KeepBillsFromUsers": func(_ *rand.Rand, d *Draft) error { d.KeepBillsFromUsers(); return nil },
		"Close":              func(c *rand.Rand, d *Draft) error { d.Close(pick(c, time.Time{}, d.now())); return nil },
		"Invite": func(c *rand.Rand, d *Draft) error {
			d.Invite(Invitation{Handshake: pick(c, "h-1", "h-2", "h-3"), Organization: "o-1", Until: d.now().Add(time.Hour)})
			return nil
		},
		"Disinvite":         func(c *rand.Rand, d *Draft) error { d.Disinvite(pick(c, "h-1", "h-2", "h-3")); return nil },
		"AllowRootRecovery": func(_ *rand.Rand, d *Draft) error { return second(d.AllowRootRecovery()) },
		"DeleteRootLogin":   func(_ *rand.Rand, d *Draft) error { return d.DeleteRootLogin() },
		"SetRootPassword":   func(c *rand.Rand, d *Draft) error { d.SetRootPassword(w.next()); return nil },
		"ChangeRootPassword": func(_ *rand.Rand, d *Draft) error {
			return d.ChangeRootPassword(d.Root.Password, w.next())
		},
		"EnableOutboundFederation":  func(_ *rand.Rand, d *Draft) error { return second(d.EnableOutboundFederation(w.issues)) },
		"DisableOutboundFederation": func(_ *rand.Rand, d *Draft) error { return d.DisableOutboundFederation() },
		"Reseal": func(c *rand.Rand, d *Draft) error {
			d.Reseal(func(sealed []byte) bool { return true }, 1+c.IntN(20))
			return nil
		},
	}
}

func (w *changing) ofDelegations() map[string]operation {
	// A request of this account, or of another that asks this one.
	whose := func(c *rand.Rand, d *Draft) (*DelegationRequest, error) {
		if c.IntN(2) == 0 {
			other := NewAccount(w.env, "210987654321").Draft()
			return other.CreateDelegationRequest(asked(w.next()))
		}
		return some(c, d.delegations)
	}
	with := func(do func(c *rand.Rand, d *Draft, r *DelegationRequest) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			r, err := some(c, d.delegations)
			if err != nil {
				return err
			}
			return do(c, d, r)
		}
	}
	who := func(c *rand.Rand) Identity { return pick(c, ann, bob, root) }
	return map[string]operation{
		"CreateDelegationRequest": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateDelegationRequest(asked(w.next())))
		},
		"AssociateDelegationRequest": func(c *rand.Rand, d *Draft) error {
			r, err := whose(c, d)
			if err != nil {
				return err
			}
			return d.AssociateDelegationRequest(r, who(c))
		},
		"UpdateDelegationRequest": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.UpdateDelegationRequest(r.ID, w.next())
		}),
		"AcceptDelegationRequest": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.AcceptDelegationRequest(r.ID, who(c))
		}),
		"RejectDelegationRequest": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.RejectDelegationRequest(r.ID, "no")
		}),
		"SendDelegationToken": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.SendDelegationToken(r.ID, who(c))
		}),
		"DelegationTokenDelivered": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.DelegationTokenDelivered(r.ID)
		}),
	}
}

func (w *changing) ofProviders() map[string]operation {
	openID := func(do func(c *rand.Rand, d *Draft, arn string) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.openIDProviders)
			if err != nil {
				return err
			}
			return do(c, d, d.OpenIDProviderARN(p))
		}
	}
	saml := func(do func(c *rand.Rand, d *Draft, p *SAMLProvider) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.samlProviders)
			if err != nil {
				return err
			}
			return do(c, d, p)
		}
	}
	return map[string]operation{
		"CreateOpenIDProvider": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateOpenIDProvider(NewOpenIDProvider{
				URL: "https://" + pick(c, "a", "b", "c") + ".example.com", ClientIDs: []string{"x"}, Thumbprints: []string{strings.Repeat("A", 40)},
			}))
		},
		"DeleteOpenIDProvider": openID(func(_ *rand.Rand, d *Draft, arn string) error { return d.DeleteOpenIDProvider(arn) }),
		"AddClientID":          openID(func(c *rand.Rand, d *Draft, arn string) error { return d.AddClientID(arn, name(c)) }),
		"RemoveClientID":       openID(func(c *rand.Rand, d *Draft, arn string) error { return d.RemoveClientID(arn, name(c)) }),
		"UpdateThumbprints": openID(func(c *rand.Rand, d *Draft, arn string) error {
			return d.UpdateThumbprints(arn, []string{strings.Repeat(pick(c, "b", "c"), 40)})
		}),
		"TagOpenIDProvider":   openID(func(c *rand.Rand, d *Draft, arn string) error { return d.TagOpenIDProvider(arn, someTags(c)) }),
		"UntagOpenIDProvider": openID(func(c *rand.Rand, d *Draft, arn string) error { return d.UntagOpenIDProvider(arn, someKeys(c)) }),
		"CreateSAMLProvider": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateSAMLProvider(NewSAMLProvider{Name: name(c), Metadata: w.saml, Key: pick(c, nil, w.samls)}))
		},
		"UpdateSAMLProvider": saml(func(c *rand.Rand, d *Draft, p *SAMLProvider) error {
			change := pick(c, SAMLUpdate{Add: w.samls}, SAMLUpdate{Metadata: w.saml}, SAMLUpdate{Encryption: EncryptionRequired}, SAMLUpdate{Encryption: EncryptionAllowed})
			if len(p.Keys) > 1 {
				change = SAMLUpdate{Remove: p.Keys[0].ID}
			}
			return d.UpdateSAMLProvider(d.SAMLProviderARN(p), change)
		}),
		"DeleteSAMLProvider": saml(func(_ *rand.Rand, d *Draft, p *SAMLProvider) error { return d.DeleteSAMLProvider(d.SAMLProviderARN(p)) }),
		"TagSAMLProvider": saml(func(c *rand.Rand, d *Draft, p *SAMLProvider) error {
			return d.TagSAMLProvider(d.SAMLProviderARN(p), someTags(c))
		}),
		"UntagSAMLProvider": saml(func(c *rand.Rand, d *Draft, p *SAMLProvider) error {
			return d.UntagSAMLProvider(d.SAMLProviderARN(p), someKeys(c))
		}),
		"UseSAMLAssertion": func(c *rand.Rand, d *Draft) error {
			return d.UseSAMLAssertion("idp", fmt.Sprint(c.IntN(60)), d.now().Add(time.Duration(1+c.IntN(900))*time.Second))
		},
	}
}
