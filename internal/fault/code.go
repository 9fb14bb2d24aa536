package fault

// Code is the number in the `code` field of an error reply. The numbers are
// part of the public contract: they are never reused or renumbered.
type Code int

// The registry. 12300, 26430 and 28022 are numbers that clients of the
// published API already know; the others are ours and start at 40000, grouped
// by the last three digits.
const (
	CodeInternal     Code = 12300 // unknown failure; the log has the whole story
	CodeUnauthorized Code = 26430 // no key, or one that is wrong, expired, revoked or not allowed from here
	CodeSchema       Code = 28022 // a record does not satisfy the JSON Schema of its resource

	CodeValidation        Code = 40001 // a parameter or a property of the body is not acceptable
	CodeMalformedJSON     Code = 40002 // the body is not strict JSON
	CodeMissingData       Code = 40003 // the body has no `data`
	CodeInvalidSchema     Code = 40004 // a JSON Schema cannot be used
	CodeInvalidSample     Code = 40005 // sample data from which no schema can be inferred
	CodeInvalidRule       Code = 40006 // a test's logic does not compile
	CodeInvalidCursor     Code = 40007 // a cursor that this list did not give
	CodeInvalidRecordID   Code = 40008 // a record id that cannot be used as a key
	CodeUnsupportedMedia  Code = 40009 // a content type or encoding that is not read
	CodeSignIn            Code = 40101 // address and password do not fit together
	CodeLink              Code = 40102 // a one-time link that is used, late or replaced
	CodePaymentRequired   Code = 40201 // an administrator has switched the feature off
	CodeForbidden         Code = 40301 // the key lacks the scope, or the person the permission
	CodeCrossOrigin       Code = 40302 // a page of another site asked in the name of somebody who is signed in
	CodeInsecure          Code = 40303 // sign-in over a connection that others can read
	CodeNotFound          Code = 40401 // no such object in reach of this key
	CodeEndpointNotFound  Code = 40402 // no such route
	CodeMethodNotAllowed  Code = 40501 // the route does not take this method
	CodeConflict          Code = 40901 // the object is not in a state that allows this
	CodeDuplicateName     Code = 40902 // the name is taken
	CodeSessionOpen       Code = 40903 // another session is in progress
	CodeSessionClosed     Code = 40904 // the session is not in progress
	CodeIdempotencyBusy   Code = 40905 // a request with this idempotency key is in flight
	CodeEditConflict      Code = 40906 // somebody else changed the object first
	CodeIntakeStopped     Code = 40907 // the connection takes no data
	CodeDeviceConflict    Code = 40908 // a report is of a device that cannot be the one it names
	CodeDeviceOwner       Code = 40909 // a device belongs to another person
	CodeBuiltIn           Code = 40910 // what is built in is kept by the server alone
	CodeTermsNotAccepted  Code = 41201 // the API terms are not accepted
	CodeTooLarge          Code = 41301 // the body is too large
	CodeUnprocessable     Code = 42201 // understood, but cannot be done
	CodeSessionAction     Code = 42202 // the action does not fit the session's state
	CodeSessionSuperseded Code = 42203 // a session opened later is already active
	CodeExpectedCount     Code = 42204 // the staged count differs from the expected one
	CodeMaxDeletePercent  Code = 42205 // more of the live set would vanish than allowed
	CodeIdempotencyReused Code = 42206 // the idempotency key came with another body
	CodeTooManyRequests   Code = 42901 // over the rate limit
	CodeUnavailable       Code = 50301 // a needed part does not answer
)

// Entry describes one code for the documentation.
type Entry struct {
	Code Code
	Name string
	Kind Kind
}

// Registry lists every code once, in the order of the constants. Name is the
// `name` of an error reply.
var Registry = []Entry{
	{CodeInternal, "INTERNAL", Internal},
	{CodeUnauthorized, "UNAUTHORIZED", Unauthorized},
	{CodeSchema, "DATA_INGEST_INVALID_SCHEMA", Invalid},
	{CodeValidation, "VALIDATION", Invalid},
	{CodeMalformedJSON, "MALFORMED_JSON", Invalid},
	{CodeMissingData, "MISSING_DATA", Invalid},
	{CodeInvalidSchema, "INVALID_SCHEMA", Invalid},
	{CodeInvalidSample, "INVALID_SAMPLE", Invalid},
	{CodeInvalidRule, "INVALID_RULE", Invalid},
	{CodeInvalidCursor, "INVALID_CURSOR", Invalid},
	{CodeInvalidRecordID, "INVALID_RECORD_ID", Invalid},
	{CodeUnsupportedMedia, "UNSUPPORTED_MEDIA", Invalid},
	{CodeSignIn, "SIGN_IN_FAILED", Unauthorized},
	{CodeLink, "LINK_NOT_GOOD", Unauthorized},
	{CodePaymentRequired, "PAYMENT_REQUIRED", PaymentRequired},
	{CodeForbidden, "PUBLIC_API_KEY_FORBIDDEN", Forbidden},
	{CodeCrossOrigin, "CROSS_ORIGIN", Forbidden},
	{CodeInsecure, "INSECURE_CONNECTION", Forbidden},
	{CodeNotFound, "ENTITY_NOT_FOUND", NotFound},
	{CodeEndpointNotFound, "ENDPOINT_NOT_FOUND", NotFound},
	{CodeMethodNotAllowed, "METHOD_NOT_ALLOWED", MethodNotAllowed},
	{CodeConflict, "CONFLICT", Conflict},
	{CodeDuplicateName, "DUPLICATE_NAME", Conflict},
	{CodeSessionOpen, "SESSION_OPEN", Conflict},
	{CodeSessionClosed, "SESSION_CLOSED", Conflict},
	{CodeIdempotencyBusy, "IDEMPOTENCY_BUSY", Conflict},
	{CodeEditConflict, "EDIT_CONFLICT", Conflict},
	{CodeIntakeStopped, "INTAKE_STOPPED", Conflict},
	{CodeDeviceConflict, "CONFLICT_DEVICE_ALREADY_IN_USE", Conflict},
	{CodeDeviceOwner, "DIFFERENT_DEVICE_OWNER", Conflict},
	{CodeBuiltIn, "BUILT_IN", Conflict},
	{CodeTermsNotAccepted, "API_TERMS_NOT_ACCEPTED", TermsNotAccepted},
	{CodeTooLarge, "PAYLOAD_TOO_LARGE", TooLarge},
	{CodeUnprocessable, "UNPROCESSABLE", Unprocessable},
	{CodeSessionAction, "SESSION_ACTION", Unprocessable},
	{CodeSessionSuperseded, "SESSION_SUPERSEDED", Unprocessable},
	{CodeExpectedCount, "EXPECTED_COUNT", Unprocessable},
	{CodeMaxDeletePercent, "MAX_DELETE_PERCENT", Unprocessable},
	{CodeIdempotencyReused, "IDEMPOTENCY_REUSED", Unprocessable},
	{CodeTooManyRequests, "TOO_MANY_REQUESTS", TooManyRequests},
	{CodeUnavailable, "UNAVAILABLE", Unavailable},
}

var byCode = func() map[Code]Entry {
	m := make(map[Code]Entry, len(Registry))
	for _, e := range Registry {
		m[e.Code] = e
	}
	return m
}()

// Name is the code's `name` in an error reply.
func (c Code) Name() string { return byCode[c].Name }

// Kind is the kind that the code always goes with.
func (c Code) Kind() Kind { return byCode[c].Kind }
