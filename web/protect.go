package web

import "net/http"

// policy is the content security policy: the app runs its own scripts and
// styles, talks to its own origin, and stands in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// features are what the app may ask of a browser beside drawing itself: security
// keys, and putting what one copies into the clipboard. The rest is off, as far
// as browsers know it by these names.
const features = "publickey-credentials-get=(self), publickey-credentials-create=(self), clipboard-write=(self), " +
	"accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), encrypted-media=(), fullscreen=(), " +
	"geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), " +
	"payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// Protect sets the headers of the app's pages: what a browser may do with them
// and in them. secure tells whether the request came by TLS: only then does the
// browser learn to use nothing else.
func Protect(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", features)
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
