package client

// DeviceReport is a report for [Client.ReportDevice]: what is reported of a device. What it leaves out, or is nil,
// is not known. It is recognised by SerialNumber, MACAddress or ExternalID.
type DeviceReport struct {
	// PersonnelID is whose device it is: a number, or a text such as
	// "email:ada@example.com".
	PersonnelID any `json:"personnelId"`
	// PlatformName is MACOS, WINDOWS, LINUX, UNIX or ANDROID.
	PlatformName    string `json:"platformName"`
	PlatformVersion string `json:"platformVersion"`
	Alias           string `json:"alias,omitempty"`
	Model           string `json:"model,omitempty"`
	SerialNumber    string `json:"serialNumber,omitempty"`
	// MACAddress may hold several with commas between them.
	MACAddress        string            `json:"macAddress,omitempty"`
	ExternalID        string            `json:"externalId,omitempty"`
	AppList           []ReportedProgram `json:"appList,omitempty"`
	BrowserExtensions []ReportedProgram `json:"browserExtensions,omitempty"`
	WindowsServices   []ReportedProgram `json:"windowsServices,omitempty"`
	// ScreenLockTime is in seconds.
	ScreenLockTime             *float64 `json:"screenLockTime,omitempty"`
	EncryptionEnabled          *bool    `json:"encryptionEnabled"`
	EncryptionExplanation      string   `json:"encryptionExplanation,omitempty"`
	FirewallEnabled            *bool    `json:"firewallEnabled"`
	FirewallExplanation        string   `json:"firewallExplanation,omitempty"`
	ScreenLockEnabled          *bool    `json:"screenLockEnabled"`
	ScreenLockExplanation      string   `json:"screenLockExplanation,omitempty"`
	AutoUpdateEnabled          *bool    `json:"autoUpdateEnabled"`
	AutoUpdateExplanation      string   `json:"autoUpdateExplanation,omitempty"`
	AntivirusEnabled           *bool    `json:"antivirusEnabled"`
	AntivirusExplanation       string   `json:"antivirusExplanation,omitempty"`
	PasswordManagerEnabled     *bool    `json:"passwordManagerEnabled"`
	PasswordManagerExplanation string   `json:"passwordManagerExplanation,omitempty"`
}

// ReportedProgram is an application, a browser extension or a service of a device.
type ReportedProgram struct {
	Name        string `json:"name"`
	Version     string `json:"version,omitempty"`
	Description string `json:"description,omitempty"`
	StartType   string `json:"startType,omitempty"`
	Status      string `json:"status,omitempty"`
}
