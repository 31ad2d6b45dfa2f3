package api

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// serviceSpecificCredentialActions are the rows of the credentials of single
// services.
func serviceSpecificCredentialActions() []Action {
	return []Action{
		write("CreateServiceSpecificCredential", checkNewServiceCredential, (*API).createServiceSpecificCredential),
		read("ListServiceSpecificCredentials", checkListServiceCredentials, (*API).listServiceSpecificCredentials),
		write("UpdateServiceSpecificCredential", onServiceCredential(func(in *sdk.UpdateServiceSpecificCredentialInput) (user, id *string) {
			return in.UserName, in.ServiceSpecificCredentialId
		}), (*API).updateServiceSpecificCredential),
		write("ResetServiceSpecificCredential", onServiceCredential(func(in *sdk.ResetServiceSpecificCredentialInput) (user, id *string) {
			return in.UserName, in.ServiceSpecificCredentialId
		}), (*API).resetServiceSpecificCredential),
		write("DeleteServiceSpecificCredential", onServiceCredential(func(in *sdk.DeleteServiceSpecificCredentialInput) (user, id *string) {
			return in.UserName, in.ServiceSpecificCredentialId
		}), (*API).deleteServiceSpecificCredential),
	}
}

const (
	keyServiceName = "iam:ServiceSpecificCredentialServiceName"
	keyAgeDays     = "iam:ServiceSpecificCredentialAgeDays"
)

// checkNewServiceCredential asks with the service as AWS writes it and, only
// when they are given, the days.
func checkNewServiceCredential(c *Call, action string, in *sdk.CreateServiceSpecificCredentialInput) ([]guard.Check, error) {
	check, _ := entityCheck(c, action, user(in.UserName))
	service, err := iam.CredentialService(aws.ToString(in.ServiceName))
	if err != nil {
		service = aws.ToString(in.ServiceName)
	}
	check.Keys = []guard.Key{guard.Value(keyServiceName, service)}
	if in.CredentialAgeDays != nil {
		check.Keys = append(check.Keys, guard.Value(keyAgeDays, strconv.Itoa(int(*in.CredentialAgeDays))))
	}
	return one(check)
}

// checkListServiceCredentials asks for all users there may be when all users'
// are asked for.
func checkListServiceCredentials(c *Call, action string, in *sdk.ListServiceSpecificCredentialsInput) ([]guard.Check, error) {
	if aws.ToBool(in.AllUsers) {
		return one(guard.Check{Action: action, Resource: c.Account.UserARN(&iam.User{Path: "/", Name: "*"})})
	}
	return onUserOrCaller(func(in *sdk.ListServiceSpecificCredentialsInput) *string { return in.UserName })(c, action, in)
}

// onServiceCredential asks for the user with the service that the credential
// is for; one that is not there is for none.
func onServiceCredential[I any](of func(*I) (user, id *string)) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		name, id := of(in)
		list, err := onUserOrCaller(func(*I) *string { return name })(c, action, in)
		if err != nil {
			return nil, err
		}
		u, err := userOrCaller(c, name)
		if err != nil || u == nil {
			return list, nil // the operation says why
		}
		if credential, err := c.Account.ServiceCredential(u, aws.ToString(id)); err == nil {
			list[0].Keys = []guard.Key{guard.Value(keyServiceName, credential.Service)}
		}
		return list, nil
	}
}

// createServiceSpecificCredential makes a credential. Its secret is in this
// answer and in no other.
func (a *API) createServiceSpecificCredential(c *Call, in *sdk.CreateServiceSpecificCredentialInput) (*sdk.CreateServiceSpecificCredentialOutput, error) {
	credential, secret, err := c.Draft.CreateServiceCredential(aws.ToString(in.UserName), aws.ToString(in.ServiceName), aws.ToInt32(in.CredentialAgeDays))
	if err != nil {
		return nil, err
	}
	u, err := c.Account.User(aws.ToString(in.UserName))
	if err != nil {
		return nil, err
	}
	return &sdk.CreateServiceSpecificCredentialOutput{ServiceSpecificCredential: showServiceSecret(c, u, credential, secret)}, nil
}

func (a *API) listServiceSpecificCredentials(c *Call, in *sdk.ListServiceSpecificCredentialsInput) (*sdk.ListServiceSpecificCredentialsOutput, error) {
	all := aws.ToBool(in.AllUsers)
	if all && in.UserName != nil {
		return nil, iam.Errorf(iam.CodeValidation, "UserName and AllUsers cannot be specified together.") // AWS's own words are not known
	}
	service, err := aws.ToString(in.ServiceName), error(nil)
	if service != "" {
		if service, err = iam.CredentialService(service); err != nil {
			return nil, err
		}
	}
	var list []types.ServiceSpecificCredentialMetadata
	var truncated bool
	var next *string
	if all {
		keep := func(o iam.OwnedCredential) bool { return service == "" || o.Credential.Service == service }
		show := func(o iam.OwnedCredential) types.ServiceSpecificCredentialMetadata {
			return showServiceCredential(c, o.User, o.Credential)
		}
		list, truncated, next, err = page(in.Marker, in.MaxItems, c.Account.ServiceCredentialsAfter, keep, show)
	} else {
		var u *iam.User
		if u, err = namedUserOrCaller(c, in.UserName); err != nil {
			return nil, err
		}
		id := func(credential *iam.ServiceCredential) string { return credential.ID }
		show := func(credential *iam.ServiceCredential) types.ServiceSpecificCredentialMetadata {
			return showServiceCredential(c, u, credential)
		}
		list, truncated, next, err = pageSlice(in.Marker, in.MaxItems, u.CredentialsFor(service), id, show)
	}
	if err != nil {
		return nil, err
	}
	return &sdk.ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) updateServiceSpecificCredential(c *Call, in *sdk.UpdateServiceSpecificCredentialInput) (*sdk.UpdateServiceSpecificCredentialOutput, error) {
	u, err := namedUserOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateServiceSpecificCredentialOutput{}, c.Draft.UpdateServiceCredential(u, aws.ToString(in.ServiceSpecificCredentialId), iam.Status(in.Status))
}

func (a *API) resetServiceSpecificCredential(c *Call, in *sdk.ResetServiceSpecificCredentialInput) (*sdk.ResetServiceSpecificCredentialOutput, error) {
	u, err := namedUserOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	credential, secret, err := c.Draft.ResetServiceCredential(u, aws.ToString(in.ServiceSpecificCredentialId))
	if err != nil {
		return nil, err
	}
	return &sdk.ResetServiceSpecificCredentialOutput{ServiceSpecificCredential: showServiceSecret(c, u, credential, secret)}, nil
}

func (a *API) deleteServiceSpecificCredential(c *Call, in *sdk.DeleteServiceSpecificCredentialInput) (*sdk.DeleteServiceSpecificCredentialOutput, error) {
	u, err := namedUserOrCaller(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteServiceSpecificCredentialOutput{}, c.Draft.DeleteServiceCredential(u, aws.ToString(in.ServiceSpecificCredentialId))
}

// showServiceCredential is a credential without its secret.
func showServiceCredential(c *Call, u *iam.User, credential *iam.ServiceCredential) types.ServiceSpecificCredentialMetadata {
	out := types.ServiceSpecificCredentialMetadata{
		CreateDate:                  aws.Time(credential.CreateDate),
		ServiceName:                 aws.String(credential.Service),
		ServiceSpecificCredentialId: aws.String(credential.ID),
		Status:                      types.StatusType(credential.StatusAt(c.Time)),
		UserName:                    aws.String(u.Name),
	}
	if credential.APIKey() {
		out.ServiceCredentialAlias = aws.String(credential.Login)
	} else {
		out.ServiceUserName = aws.String(credential.Login)
	}
	if !credential.Expiration.IsZero() {
		out.ExpirationDate = aws.Time(credential.Expiration)
	}
	return out
}

// showServiceSecret is a credential with its new secret.
func showServiceSecret(c *Call, u *iam.User, credential *iam.ServiceCredential, secret string) *types.ServiceSpecificCredential {
	m := showServiceCredential(c, u, credential)
	out := &types.ServiceSpecificCredential{
		CreateDate:                  m.CreateDate,
		ExpirationDate:              m.ExpirationDate,
		ServiceCredentialAlias:      m.ServiceCredentialAlias,
		ServiceName:                 m.ServiceName,
		ServiceSpecificCredentialId: m.ServiceSpecificCredentialId,
		ServiceUserName:             m.ServiceUserName,
		Status:                      m.Status,
		UserName:                    m.UserName,
	}
	if credential.APIKey() {
		out.ServiceCredentialSecret = aws.String(secret)
	} else {
		out.ServicePassword = aws.String(secret)
	}
	return out
}
