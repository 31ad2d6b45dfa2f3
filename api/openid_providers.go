package api

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// openIDProviderActions are the rows of OpenID Connect providers and their tags.
func openIDProviderActions() []Action {
	return []Action{
		prepared(write("CreateOpenIDConnectProvider", checkNewOpenIDProvider, (*API).createOpenIDProvider), (*API).fetchThumbprint),
		read("GetOpenIDConnectProvider", onOpenIDProvider(func(in *sdk.GetOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }), (*API).getOpenIDProvider),
		read("ListOpenIDConnectProviders", checkListOpenIDProviders, (*API).listOpenIDProviders),
		write("DeleteOpenIDConnectProvider", onOpenIDProvider(func(in *sdk.DeleteOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }), (*API).deleteOpenIDProvider),

		write("AddClientIDToOpenIDConnectProvider", onOpenIDProvider(func(in *sdk.AddClientIDToOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }), (*API).addClientID),
		write("RemoveClientIDFromOpenIDConnectProvider", onOpenIDProvider(func(in *sdk.RemoveClientIDFromOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }), (*API).removeClientID),
		write("UpdateOpenIDConnectProviderThumbprint", onOpenIDProvider(func(in *sdk.UpdateOpenIDConnectProviderThumbprintInput) *string { return in.OpenIDConnectProviderArn }), (*API).updateThumbprint),

		write("TagOpenIDConnectProvider", checkTagOpenIDProvider, (*API).tagOpenIDProvider),
		write("UntagOpenIDConnectProvider", checkUntagOpenIDProvider, (*API).untagOpenIDProvider),
		read("ListOpenIDConnectProviderTags", onOpenIDProvider(func(in *sdk.ListOpenIDConnectProviderTagsInput) *string { return in.OpenIDConnectProviderArn }), (*API).listOpenIDProviderTags),
	}
}

// openIDProviderCheck asks for an action on a provider by its ARN.
func openIDProviderCheck(c *Call, action, arn string) guard.Check {
	check := guard.Check{Action: action, Resource: arn}
	if p, err := c.Account.OpenIDProvider(arn); err == nil {
		check.Tags = p.Tags
	}
	return check
}

func onOpenIDProvider[I any](arn func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(openIDProviderCheck(c, action, aws.ToString(arn(in))))
	}
}

// checkNewOpenIDProvider asks for the provider and, when it brings tags, for
// their setting. A URL that is none names no resource, and is refused at once.
func checkNewOpenIDProvider(c *Call, action string, in *sdk.CreateOpenIDConnectProviderInput) ([]guard.Check, error) {
	name, err := iam.OpenIDName(aws.ToString(in.Url))
	if err != nil {
		return nil, err
	}
	arn := c.Account.OpenIDProviderARN(&iam.OpenIDProvider{Name: name})
	return newEntityChecks(action, "iam:TagOpenIDConnectProvider", arn, nil, in.Tags), nil
}

func checkListOpenIDProviders(c *Call, action string, _ *sdk.ListOpenIDConnectProvidersInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Named: c.Account.OpenIDProviderARN(&iam.OpenIDProvider{Name: "*"})})
}

func checkTagOpenIDProvider(c *Call, action string, in *sdk.TagOpenIDConnectProviderInput) ([]guard.Check, error) {
	check := openIDProviderCheck(c, action, aws.ToString(in.OpenIDConnectProviderArn))
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagOpenIDProvider(c *Call, action string, in *sdk.UntagOpenIDConnectProviderInput) ([]guard.Check, error) {
	check := openIDProviderCheck(c, action, aws.ToString(in.OpenIDConnectProviderArn))
	check.TagKeys = in.TagKeys
	return one(check)
}

// fetchThumbprint asks the provider for its certificate when the request brings
// no thumbprint.
func (a *API) fetchThumbprint(c *Call, in *sdk.CreateOpenIDConnectProviderInput) error {
	c.Prepared = in.ThumbprintList
	if len(in.ThumbprintList) > 0 {
		return nil
	}
	thumbprint, err := a.outside.thumbprint(c.Context, c.Account.ID, aws.ToString(in.Url))
	if err != nil {
		return err
	}
	c.Prepared = []string{thumbprint}
	return nil
}

func (a *API) createOpenIDProvider(c *Call, in *sdk.CreateOpenIDConnectProviderInput) (*sdk.CreateOpenIDConnectProviderOutput, error) {
	thumbprints, _ := c.Prepared.([]string)
	p, err := c.Draft.CreateOpenIDProvider(iam.NewOpenIDProvider{
		URL: aws.ToString(in.Url), ClientIDs: in.ClientIDList, Thumbprints: thumbprints, Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateOpenIDConnectProviderOutput{
		OpenIDConnectProviderArn: aws.String(c.Account.OpenIDProviderARN(p)), Tags: showAnyTags(p.Tags),
	}, nil
}

func (a *API) getOpenIDProvider(c *Call, in *sdk.GetOpenIDConnectProviderInput) (*sdk.GetOpenIDConnectProviderOutput, error) {
	p, err := c.Account.OpenIDProvider(aws.ToString(in.OpenIDConnectProviderArn))
	if err != nil {
		return nil, err
	}
	return &sdk.GetOpenIDConnectProviderOutput{
		Url: aws.String(p.Name), CreateDate: aws.Time(p.CreateDate),
		ClientIDList: slices.Clone(p.ClientIDs), ThumbprintList: slices.Clone(p.Thumbprints), Tags: showAnyTags(p.Tags),
	}, nil
}

// listOpenIDProviders lists all of them: AWS has no pages here.
func (a *API) listOpenIDProviders(c *Call, _ *sdk.ListOpenIDConnectProvidersInput) (*sdk.ListOpenIDConnectProvidersOutput, error) {
	list := make([]types.OpenIDConnectProviderListEntry, 0, c.Account.OpenIDProviderCount())
	for _, p := range c.Account.OpenIDProvidersAfter("") {
		list = append(list, types.OpenIDConnectProviderListEntry{Arn: aws.String(c.Account.OpenIDProviderARN(p))})
	}
	return &sdk.ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: list}, nil
}

func (a *API) deleteOpenIDProvider(c *Call, in *sdk.DeleteOpenIDConnectProviderInput) (*sdk.DeleteOpenIDConnectProviderOutput, error) {
	return &sdk.DeleteOpenIDConnectProviderOutput{}, c.Draft.DeleteOpenIDProvider(aws.ToString(in.OpenIDConnectProviderArn))
}

func (a *API) addClientID(c *Call, in *sdk.AddClientIDToOpenIDConnectProviderInput) (*sdk.AddClientIDToOpenIDConnectProviderOutput, error) {
	return &sdk.AddClientIDToOpenIDConnectProviderOutput{}, c.Draft.AddClientID(aws.ToString(in.OpenIDConnectProviderArn), aws.ToString(in.ClientID))
}

func (a *API) removeClientID(c *Call, in *sdk.RemoveClientIDFromOpenIDConnectProviderInput) (*sdk.RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	return &sdk.RemoveClientIDFromOpenIDConnectProviderOutput{}, c.Draft.RemoveClientID(aws.ToString(in.OpenIDConnectProviderArn), aws.ToString(in.ClientID))
}

func (a *API) updateThumbprint(c *Call, in *sdk.UpdateOpenIDConnectProviderThumbprintInput) (*sdk.UpdateOpenIDConnectProviderThumbprintOutput, error) {
	return &sdk.UpdateOpenIDConnectProviderThumbprintOutput{}, c.Draft.UpdateThumbprints(aws.ToString(in.OpenIDConnectProviderArn), in.ThumbprintList)
}

func (a *API) tagOpenIDProvider(c *Call, in *sdk.TagOpenIDConnectProviderInput) (*sdk.TagOpenIDConnectProviderOutput, error) {
	return &sdk.TagOpenIDConnectProviderOutput{}, c.Draft.TagOpenIDProvider(aws.ToString(in.OpenIDConnectProviderArn), readTags(in.Tags))
}

func (a *API) untagOpenIDProvider(c *Call, in *sdk.UntagOpenIDConnectProviderInput) (*sdk.UntagOpenIDConnectProviderOutput, error) {
	return &sdk.UntagOpenIDConnectProviderOutput{}, c.Draft.UntagOpenIDProvider(aws.ToString(in.OpenIDConnectProviderArn), in.TagKeys)
}

func (a *API) listOpenIDProviderTags(c *Call, in *sdk.ListOpenIDConnectProviderTagsInput) (*sdk.ListOpenIDConnectProviderTagsOutput, error) {
	p, err := c.Account.OpenIDProvider(aws.ToString(in.OpenIDConnectProviderArn))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, p.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListOpenIDConnectProviderTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}
