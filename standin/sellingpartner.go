package standin

import _ "embed" // for the document

// SellingPartner is the name under which the Selling Partner API is asked for.
const SellingPartner = "sp-api"

// Owner is the name of the account that owns the Selling Partner API here.
const Owner = "Selling Partner API"

// Stage is the one that its APIs have.
const Stage = "prod"

// Region is one of the Selling Partner API's regions.
type Region struct {
	ID     string // of its API
	Region string // of AWS, which signatures name
	Hosts  []string
}

// Regions are North America, Europe and the Far East, each with its sandbox.
var Regions = []Region{
	region("na", "us-east-1"), region("eu", "eu-west-1"), region("fe", "us-west-2"),
}

func region(part, aws string) Region {
	id := "sellingpartnerapi-" + part
	return Region{ID: id, Region: aws, Hosts: []string{id + ".amazon.com", "sandbox." + id + ".amazon.com"}}
}

// Policy is the resource policy of its APIs unless another is configured: whoever
// an account of their own lets call, may.
const Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"execute-api:Invoke","Resource":"*"}]}`

// DocumentName is the name of Document.
const DocumentName = "orders.yaml"

// Document is an OpenAPI document of our own, in the manner of the Orders API,
// with what else an application needs to try all kinds of calls.
//
//go:embed orders.yaml
var Document []byte
