// Package lwa is Login with Amazon's part of the Selling Partner API.
package lwa
