package api_test

import (
	"context"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/crypto/ssh"
)

// sshKey is a public key of so many bits, with a comment. Nobody has its
// private key.
func sshKey(t *testing.T, bits uint) string {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	key, err := ssh.NewPublicKey(&rsa.PublicKey{N: n.Add(n, big.NewInt(7)), E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " ink@home"
}

// makeSSHKey is makeEntities with an SSH key of user Ink.
func makeSSHKey(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	made["body"] = sshKey(t, 2048)
	out, err := root.IAM.UploadSSHPublicKey(t.Context(), &iam.UploadSSHPublicKeyInput{UserName: ink, SSHPublicKeyBody: aws.String(made["body"])})
	if err != nil {
		t.Fatalf("UploadSSHPublicKey: %v", err)
	}
	made["id"], made["fingerprint"] = aws.ToString(out.SSHPublicKey.SSHPublicKeyId), aws.ToString(out.SSHPublicKey.Fingerprint)
}

func sshKeys(t *testing.T, c *clients) []types.SSHPublicKeyMetadata {
	t.Helper()
	out, err := c.IAM.ListSSHPublicKeys(t.Context(), &iam.ListSSHPublicKeysInput{UserName: ink})
	if err != nil {
		t.Fatalf("ListSSHPublicKeys: %v", err)
	}
	return out.SSHPublicKeys
}

func getSSHKey(t *testing.T, c *clients, id string, encoding types.EncodingType) *types.SSHPublicKey {
	t.Helper()
	out, err := c.IAM.GetSSHPublicKey(t.Context(), &iam.GetSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: aws.String(id), Encoding: encoding})
	if err != nil {
		t.Fatalf("GetSSHPublicKey: %v", err)
	}
	return out.SSHPublicKey
}

func sshPublicKeyCases() []actionCase {
	const blue = "aws:ResourceTag/team"
	return []actionCase{
		{
			action: "UploadSSHPublicKey",
			setup: func(t *testing.T, root *clients, made map[string]string) {
				makeEntities(t, root, made)
				made["body"] = sshKey(t, 2048)
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: ink, SSHPublicKeyBody: aws.String(made["body"])})
				if err == nil {
					made["id"], made["answered"] = aws.ToString(out.SSHPublicKey.SSHPublicKeyId), aws.ToString(out.SSHPublicKey.SSHPublicKeyBody)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "answered", made["answered"], made["body"])
				got := getSSHKey(t, root, made["id"], types.EncodingTypeSsh)
				same(t, "body", aws.ToString(got.SSHPublicKeyBody)+" ink@home", made["body"])
				same(t, "status", got.Status, types.StatusTypeActive)
			},
			grants: []grant{{"iam:UploadSSHPublicKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "GetSSHPublicKey", setup: makeSSHKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: aws.String(made["id"]), Encoding: types.EncodingTypePem})
				if err == nil {
					made["pem"], made["got"] = aws.ToString(out.SSHPublicKey.SSHPublicKeyBody), aws.ToString(out.SSHPublicKey.Fingerprint)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "fingerprint", made["got"], made["fingerprint"])
				_, err := root.IAM.UploadSSHPublicKey(t.Context(), &iam.UploadSSHPublicKeyInput{UserName: ink, SSHPublicKeyBody: aws.String(made["pem"])})
				wantError(t, "the same key in PEM form", err, "DuplicateSSHPublicKey", "already associated with the user")
			},
			grants: []grant{{"iam:GetSSHPublicKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListSSHPublicKeys", setup: makeSSHKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: ink})
				if err == nil && len(out.SSHPublicKeys) == 1 {
					made["listed"] = aws.ToString(out.SSHPublicKeys[0].SSHPublicKeyId)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], aws.ToString(getSSHKey(t, root, made["id"], types.EncodingTypeSsh).SSHPublicKeyId))
			},
			grants: []grant{{"iam:ListSSHPublicKeys", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "UpdateSSHPublicKey", setup: makeSSHKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: aws.String(made["id"]), Status: types.StatusTypeInactive})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "status", sshKeys(t, root)[0].Status, types.StatusTypeInactive)
			},
			grants: []grant{{"iam:UpdateSSHPublicKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "DeleteSSHPublicKey", setup: makeSSHKey,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: aws.String(made["id"])})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "keys", len(sshKeys(t, root)), 0)
			},
			grants: []grant{{"iam:DeleteSSHPublicKey", inkUser}}, key: blue, holds: "blue", other: "red",
		},
	}
}

// TestSSHPublicKeyRefusals are AWS's errors, as a client gets them.
func TestSSHPublicKeyRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx, made := w.account(t), t.Context(), map[string]string{}
	makeSSHKey(t, root, made)
	upload := func(user *string, body string) error {
		_, err := root.IAM.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: user, SSHPublicKeyBody: aws.String(body)})
		return err
	}
	eve := aws.String("Eve")
	const nobody = "The user with name Eve cannot be found."
	wantError(t, "nobody's", upload(eve, made["body"]), "NoSuchEntity", nobody)
	wantError(t, "a short key", upload(ink, sshKey(t, 1024)), "InvalidPublicKey", "2048 to 16384 bits")
	wantError(t, "no key", upload(ink, "key"), "UnrecognizedPublicKeyEncoding", "ssh-rsa format or PEM format")
	wantError(t, "the same", upload(ink, made["body"]), "DuplicateSSHPublicKey", "already associated with the user")
	for bits := range uint(4) {
		if err := upload(ink, sshKey(t, 2049+bits)); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, "a sixth", upload(ink, sshKey(t, 4096)), "LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5")

	other := aws.String("APKAXXXXXXXXXXXXXXXXX")
	const gone = "The Public Key with id APKAXXXXXXXXXXXXXXXXX cannot be found."
	_, err := root.IAM.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: other, Encoding: types.EncodingTypeSsh})
	wantError(t, "GetSSHPublicKey", err, "NoSuchEntity", gone)
	_, err = root.IAM.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: other, Encoding: "DER"})
	wantError(t, "an encoding", err, "ValidationError", "Member must satisfy enum value set")
	_, err = root.IAM.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: other, Status: types.StatusTypeActive})
	wantError(t, "UpdateSSHPublicKey", err, "NoSuchEntity", gone)
	_, err = root.IAM.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: aws.String(made["id"]), Status: "Expired"})
	wantError(t, "a status", err, "InvalidInput", "can be set to Active or Inactive only")
	_, err = root.IAM.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: ink, SSHPublicKeyId: other})
	wantError(t, "DeleteSSHPublicKey", err, "NoSuchEntity", gone)
	_, err = root.IAM.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: eve})
	wantError(t, "ListSSHPublicKeys", err, "NoSuchEntity", nobody)
	_, err = root.IAM.ListSSHPublicKeys(ctx, nil)
	wantError(t, "root's", err, "ValidationError", "Must specify userName when calling with non-User credentials")
	_, err = root.IAM.DeleteUser(ctx, &iam.DeleteUserInput{UserName: ink})
	wantError(t, "DeleteUser", err, "DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
}
