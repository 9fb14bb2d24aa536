package collect

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bucket is an object storage that speaks the protocol of S3.
type bucket struct {
	*httpRun
	name, region string
	// accessKey is empty for a bucket that everybody may read.
	accessKey, secretKey, sessionToken string
}

// objects are those below s3://bucket/prefix, or that match a pattern.
func (e *engine) objects(ctx context.Context, address string) ([]opener, error) {
	name, key, _ := strings.Cut(strings.TrimPrefix(address, "s3://"), "/")
	b, err := e.bucket(name)
	if err != nil {
		return nil, err
	}
	prefix := key
	pattern := strings.IndexAny(key, "*?[")
	if pattern >= 0 {
		prefix = key[:pattern]
	}
	keys, err := b.list(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var out []opener
	for _, k := range keys {
		fits := pattern < 0
		if !fits {
			fits, _ = path.Match(key, k)
		}
		if !fits || strings.HasSuffix(k, "/") {
			continue
		}
		out = append(out, opener{"s3://" + name + "/" + k, func(ctx context.Context) (io.ReadCloser, error) { return b.stream(ctx, b.at(k, nil), b.sign) }})
	}
	if len(out) == 0 {
		return nil, failed(StepFetch, CodeFileNotFound, []string{"path", address}, "There is no object %s.", address)
	}
	return out, nil
}

func (e *engine) bucket(name string) (*bucket, error) {
	b := &bucket{name: name}
	endpoint := ""
	if s := e.recipe.file.s3; s != nil {
		endpoint, b.region = s.endpoint.fill(e.values), s.region.fill(e.values)
		b.accessKey, b.secretKey = strings.TrimSpace(s.accessKey.fill(e.values)), strings.TrimSpace(s.secretKey.fill(e.values))
	}
	// The credentials of the machine are for whoever may read the machine.
	if e.run.Local && b.accessKey == "" {
		b.accessKey, b.secretKey, b.sessionToken = os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")
		b.region = either(b.region, either(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")))
		endpoint = either(endpoint, os.Getenv("AWS_ENDPOINT_URL"))
		e.redact.hide(b.secretKey, b.sessionToken)
	}
	b.region = either(b.region, "us-east-1")
	u, err := url.Parse(strings.TrimRight(either(endpoint, "https://s3."+b.region+".amazonaws.com"), "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || name == "" {
		return nil, failed(StepFetch, CodeFileNotFound, nil, "The address of the object storage cannot be used: it must begin with https://, and the path must name a bucket.")
	}
	b.httpRun = e.storage(u)
	return b, nil
}

// at is the URL of an object, or of the bucket.
func (b *bucket) at(key string, query url.Values) *url.URL {
	u := *b.base
	full := strings.TrimSuffix(u.Path, "/") + "/" + b.name
	if key != "" {
		full += "/" + key
	}
	u.Path, u.RawPath, u.RawQuery = full, escaped(full, true), canonicalQuery(query)
	return &u
}

// list are the keys below a prefix, in their order.
func (b *bucket) list(ctx context.Context, prefix string) ([]string, error) {
	var out []string
	query := url.Values{"list-type": {"2"}, "prefix": {prefix}}
	for {
		text, err := b.listing(ctx, b.at("", query))
		if err != nil {
			return nil, err
		}
		var page struct {
			Contents []struct{ Key string }
			Next     string `xml:"NextContinuationToken"`
			More     bool   `xml:"IsTruncated"`
		}
		if err := xml.NewDecoder(bytes.NewReader(text)).Decode(&page); err != nil {
			return nil, failed(StepFetch, CodeHTTPStatus, []string{"host", b.base.Host, "snippet", b.redact.snippet(string(text))}, "%s does not answer as an object storage does.", b.base.Host)
		}
		for _, c := range page.Contents {
			out = append(out, c.Key)
		}
		if int64(len(out)) > b.limits.Pages {
			return nil, failed(StepFetch, CodeTooManyPages, []string{"limit", strconv.FormatInt(b.limits.Pages, 10)}, "There are more than %d objects below %s.", b.limits.Pages, prefix)
		}
		if !page.More || page.Next == "" {
			return out, nil
		}
		if query.Get("continuation-token") == page.Next {
			return nil, failed(StepFetch, CodeLoop, []string{"host", b.base.Host}, "%s leads back to a page that was seen already.", b.base.Host)
		}
		query.Set("continuation-token", page.Next)
	}
}

func (b *bucket) listing(ctx context.Context, u *url.URL) ([]byte, error) {
	in, err := b.stream(ctx, u, b.sign)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	text, err := io.ReadAll(io.LimitReader(&meter{ctx: ctx, e: b.engine, r: in, budget: b.limits.ReplyBytes}, b.limits.ReplyBytes))
	return text, b.cutOff(u.Host, err)
}

// sign signs a request as AWS Signature Version 4 says, for S3.
func (b *bucket) sign(q *http.Request) {
	if b.accessKey == "" {
		return
	}
	signV4(q, b.region, b.accessKey, b.secretKey, b.sessionToken, b.clock())
}

// emptyHash is the SHA-256 of no body.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func signV4(q *http.Request, region, accessKey, secretKey, sessionToken string, now time.Time) {
	stamp := now.UTC().Format("20060102T150405Z")
	day := stamp[:8]
	q.Header.Set("X-Amz-Date", stamp)
	q.Header.Set("X-Amz-Content-Sha256", emptyHash)
	if sessionToken != "" {
		q.Header.Set("X-Amz-Security-Token", sessionToken)
	}
	headers := map[string]string{"host": q.URL.Host}
	for name := range q.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") || lower == "range" {
			headers[lower] = strings.TrimSpace(q.Header.Get(name))
		}
	}
	var names []string
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	var canonical strings.Builder
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", q.Method, escaped(either(q.URL.Path, "/"), true), canonicalQuery(q.URL.Query()))
	for _, name := range names {
		fmt.Fprintf(&canonical, "%s:%s\n", name, headers[name])
	}
	signed := strings.Join(names, ";")
	fmt.Fprintf(&canonical, "\n%s\n%s", signed, emptyHash)
	scope := day + "/" + region + "/s3/aws4_request"
	digest := sha256.Sum256([]byte(canonical.String()))
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	key := []byte("AWS4" + secretKey)
	for _, part := range []string{day, region, "s3", "aws4_request", text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	q.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%s", accessKey, scope, signed, hex.EncodeToString(key)))
}

// canonicalQuery is a query in the order and the escapes that are signed.
func canonicalQuery(query url.Values) string {
	var out []string
	for name, values := range query {
		for _, v := range values {
			out = append(out, escaped(name, false)+"="+escaped(v, false))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "&")
}

// escaped escapes all but what RFC 3986 leaves unreserved.
func escaped(text string, slashes bool) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 || slashes && c == '/' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
