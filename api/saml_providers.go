package api

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// samlProviderActions are the rows of SAML providers and their tags.
func samlProviderActions() []Action {
	return []Action{
		prepared(write("CreateSAMLProvider", checkNewSAMLProvider, (*API).createSAMLProvider), (*API).prepareSAMLProvider),
		read("GetSAMLProvider", onSAMLProvider(func(in *sdk.GetSAMLProviderInput) *string { return in.SAMLProviderArn }), (*API).getSAMLProvider),
		read("ListSAMLProviders", checkListSAMLProviders, (*API).listSAMLProviders),
		prepared(write("UpdateSAMLProvider", onSAMLProvider(func(in *sdk.UpdateSAMLProviderInput) *string { return in.SAMLProviderArn }), (*API).updateSAMLProvider),
			(*API).prepareSAMLUpdate),
		write("DeleteSAMLProvider", onSAMLProvider(func(in *sdk.DeleteSAMLProviderInput) *string { return in.SAMLProviderArn }), (*API).deleteSAMLProvider),

		write("TagSAMLProvider", checkTagSAMLProvider, (*API).tagSAMLProvider),
		write("UntagSAMLProvider", checkUntagSAMLProvider, (*API).untagSAMLProvider),
		read("ListSAMLProviderTags", onSAMLProvider(func(in *sdk.ListSAMLProviderTagsInput) *string { return in.SAMLProviderArn }), (*API).listSAMLProviderTags),
	}
}

// samlProviderCheck asks for an action on a SAML provider by its ARN.
func samlProviderCheck(c *Call, action string, arn *string) (guard.Check, error) {
	owner, err := iam.SAMLProviderOwner(aws.ToString(arn))
	if err != nil {
		return guard.Check{}, err
	}
	check := guard.Check{Action: action, Resource: aws.ToString(arn), Account: owner}
	if p, err := c.Account.SAMLProvider(check.Resource); err == nil {
		check.Tags = p.Tags
	}
	return check, nil
}

func onSAMLProvider[I any](arn func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		check, err := samlProviderCheck(c, action, arn(in))
		if err != nil {
			return nil, err
		}
		return one(check)
	}
}

func checkNewSAMLProvider(c *Call, action string, in *sdk.CreateSAMLProviderInput) ([]guard.Check, error) {
	arn := c.Account.SAMLProviderARN(&iam.SAMLProvider{Name: aws.ToString(in.Name)})
	return newEntityChecks(action, "iam:TagSAMLProvider", arn, nil, in.Tags), nil
}

// checkListSAMLProviders asks for everything; a denial names where providers are.
func checkListSAMLProviders(c *Call, action string, _ *sdk.ListSAMLProvidersInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Named: c.Account.SAMLProviderARN(&iam.SAMLProvider{Name: "*"})})
}

func checkTagSAMLProvider(c *Call, action string, in *sdk.TagSAMLProviderInput) ([]guard.Check, error) {
	check, err := samlProviderCheck(c, action, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagSAMLProvider(c *Call, action string, in *sdk.UntagSAMLProviderInput) ([]guard.Check, error) {
	check, err := samlProviderCheck(c, action, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	check.TagKeys = in.TagKeys
	return one(check)
}

// prepareSAMLProvider reads the metadata and the key outside of any draft.
func (a *API) prepareSAMLProvider(c *Call, in *sdk.CreateSAMLProviderInput) error {
	return a.readSAML(c, in.SAMLMetadataDocument, in.AddPrivateKey)
}

// prepareSAMLUpdate does so for a provider that is there.
func (a *API) prepareSAMLUpdate(c *Call, in *sdk.UpdateSAMLProviderInput) error {
	if _, err := c.Account.SAMLProvider(aws.ToString(in.SAMLProviderArn)); err != nil {
		return err
	}
	return a.readSAML(c, in.SAMLMetadataDocument, in.AddPrivateKey)
}

// readSAML waits with those who hash passwords: a long document takes as long,
// and more memory.
func (a *API) readSAML(c *Call, document, key *string) error {
	return a.hashing.Do(c.Context, c.Account.ID, func() (err error) {
		var update iam.SAMLUpdate
		if document != nil {
			if update.Metadata, err = iam.ReadSAMLMetadata(*document); err != nil {
				return err
			}
		}
		if key != nil {
			if update.Add, err = iam.ReadSAMLKey(*key); err != nil {
				return err
			}
		}
		c.Prepared = update
		return nil
	})
}

func (a *API) createSAMLProvider(c *Call, in *sdk.CreateSAMLProviderInput) (*sdk.CreateSAMLProviderOutput, error) {
	read := c.Prepared.(iam.SAMLUpdate)
	p, err := c.Draft.CreateSAMLProvider(iam.NewSAMLProvider{
		Name: aws.ToString(in.Name), Metadata: read.Metadata, Key: read.Add,
		Encryption: iam.SAMLEncryption(in.AssertionEncryptionMode), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateSAMLProviderOutput{SAMLProviderArn: aws.String(c.Account.SAMLProviderARN(p)), Tags: showAnyTags(p.Tags)}, nil
}

// getSAMLProvider gives all but the private keys.
func (a *API) getSAMLProvider(c *Call, in *sdk.GetSAMLProviderInput) (*sdk.GetSAMLProviderOutput, error) {
	p, err := c.Account.SAMLProvider(aws.ToString(in.SAMLProviderArn))
	if err != nil {
		return nil, err
	}
	keys := make([]types.SAMLPrivateKey, len(p.Keys))
	for i, k := range p.Keys {
		keys[i] = types.SAMLPrivateKey{KeyId: aws.String(k.ID), Timestamp: aws.Time(k.UploadDate)}
	}
	return &sdk.GetSAMLProviderOutput{
		AssertionEncryptionMode: types.AssertionEncryptionModeType(p.Encryption),
		CreateDate:              aws.Time(p.CreateDate),
		PrivateKeyList:          keys,
		SAMLMetadataDocument:    aws.String(p.Metadata),
		SAMLProviderUUID:        aws.String(p.ID),
		Tags:                    showTags(p.Tags),
		ValidUntil:              aws.Time(p.ValidUntil),
	}, nil
}

func (a *API) listSAMLProviders(c *Call, _ *sdk.ListSAMLProvidersInput) (*sdk.ListSAMLProvidersOutput, error) {
	list := make([]types.SAMLProviderListEntry, 0, c.Account.SAMLProviderCount())
	for _, p := range c.Account.SAMLProvidersAfter("") {
		list = append(list, types.SAMLProviderListEntry{
			Arn: aws.String(c.Account.SAMLProviderARN(p)), CreateDate: aws.Time(p.CreateDate), ValidUntil: aws.Time(p.ValidUntil),
		})
	}
	return &sdk.ListSAMLProvidersOutput{SAMLProviderList: list}, nil
}

func (a *API) updateSAMLProvider(c *Call, in *sdk.UpdateSAMLProviderInput) (*sdk.UpdateSAMLProviderOutput, error) {
	update := c.Prepared.(iam.SAMLUpdate)
	update.Encryption, update.Remove = iam.SAMLEncryption(in.AssertionEncryptionMode), aws.ToString(in.RemovePrivateKey)
	if err := c.Draft.UpdateSAMLProvider(aws.ToString(in.SAMLProviderArn), update); err != nil {
		return nil, err
	}
	return &sdk.UpdateSAMLProviderOutput{SAMLProviderArn: in.SAMLProviderArn}, nil
}

func (a *API) deleteSAMLProvider(c *Call, in *sdk.DeleteSAMLProviderInput) (*sdk.DeleteSAMLProviderOutput, error) {
	return &sdk.DeleteSAMLProviderOutput{}, c.Draft.DeleteSAMLProvider(aws.ToString(in.SAMLProviderArn))
}

func (a *API) tagSAMLProvider(c *Call, in *sdk.TagSAMLProviderInput) (*sdk.TagSAMLProviderOutput, error) {
	return &sdk.TagSAMLProviderOutput{}, c.Draft.TagSAMLProvider(aws.ToString(in.SAMLProviderArn), readTags(in.Tags))
}

func (a *API) untagSAMLProvider(c *Call, in *sdk.UntagSAMLProviderInput) (*sdk.UntagSAMLProviderOutput, error) {
	return &sdk.UntagSAMLProviderOutput{}, c.Draft.UntagSAMLProvider(aws.ToString(in.SAMLProviderArn), in.TagKeys)
}

func (a *API) listSAMLProviderTags(c *Call, in *sdk.ListSAMLProviderTagsInput) (*sdk.ListSAMLProviderTagsOutput, error) {
	p, err := c.Account.SAMLProvider(aws.ToString(in.SAMLProviderArn))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, p.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListSAMLProviderTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}
