package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/store"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
	"github.com/plumbline-dev/plumbline/internal/store/storetest"
)

// The databases of the tests are copies of two that were made once, when the clock
// of a test begins.
var (
	migratedFile = sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if err := migrate(store.Options{Dir: dir}); err != nil {
			return nil, err
		}
		return os.ReadFile(filepath.Join(dir, "plumbline.db"))
	})
	migratedServer = pgserver.NewCopier(func(url string) error { return migrate(store.Options{URL: url}) })
)

func migrate(o store.Options) error {
	o.Now = storetest.NewClock().Now
	s, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	return s.Close()
}

func folder(t *testing.T) string {
	t.Helper()
	file, err := migratedFile()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plumbline.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openSQLite(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{Dir: folder(t), Now: now})
}

func openPostgres(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{URL: migratedServer.Start(t), Now: now})
}

// The readers of small portions read a few records at a time.
func openSmallSQLite(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{Dir: folder(t), Now: now, BodyBudget: storetest.SmallBudget})
}

func openSmallPostgres(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{URL: migratedServer.Start(t), Now: now, BodyBudget: storetest.SmallBudget})
}

// What one object has counts as many.
func openManySQLite(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{Dir: folder(t), Now: now, Few: 1})
}

func openManyPostgres(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{URL: migratedServer.Start(t), Now: now, Few: 1})
}

func open(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if wrong, err := s.Contradictions(context.Background()); err != nil || wrong != "" {
			t.Error(wrong, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T)   { storetest.Run(t, openSQLite) }
func TestPostgres(t *testing.T) { storetest.Run(t, openPostgres) }

func TestEvaluatorSQLite(t *testing.T)   { storetest.RunEvaluator(t, openSQLite) }
func TestEvaluatorPostgres(t *testing.T) { storetest.RunEvaluator(t, openPostgres) }

func TestEvaluatorInPortionsSQLite(t *testing.T)   { storetest.RunEvaluator(t, openSmallSQLite) }
func TestEvaluatorInPortionsPostgres(t *testing.T) { storetest.RunEvaluator(t, openSmallPostgres) }

func TestPortionsSQLite(t *testing.T)   { storetest.RunPortions(t, openSmallSQLite) }
func TestPortionsPostgres(t *testing.T) { storetest.RunPortions(t, openSmallPostgres) }

func TestVerdictsSQLite(t *testing.T)   { storetest.RunVerdicts(t, openSQLite) }
func TestVerdictsPostgres(t *testing.T) { storetest.RunVerdicts(t, openPostgres) }

// Only PostgreSQL has several nodes that could want the same resource.
func TestLeasesPostgres(t *testing.T) {
	clock := storetest.NewClock()
	s := openPostgres(t, clock.Now)
	resource := storetest.Watched(t, s, clock)
	lease := func(owner string) bool {
		t.Helper()
		ok, err := s.Lease(t.Context(), resource, owner, clock.Now(), clock.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	leased := func(from string) bool {
		t.Helper()
		is, err := s.Leased(t.Context(), resource, from, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if leased("b") {
		t.Error("nobody has it yet")
	}
	if !lease("a") || lease("b") || !lease("a") {
		t.Error("the first node must have the resource to itself")
	}
	if leased("a") || !leased("b") {
		t.Error("the other node must see that the first one has it")
	}
	clock.Advance(2 * time.Minute)
	if leased("b") || !lease("b") || lease("a") {
		t.Error("a lease that ran out must go to whoever asks")
	}
	if err := s.Release(t.Context(), resource, "b"); err != nil {
		t.Fatal(err)
	}
	if leased("a") || !lease("a") {
		t.Error("a lease that was given back must be free")
	}
}

func TestLookupsSQLite(t *testing.T)   { storetest.RunLookups(t, openSQLite) }
func TestLookupsPostgres(t *testing.T) { storetest.RunLookups(t, openPostgres) }

func TestRacesSQLite(t *testing.T)   { storetest.RunRaces(t, openSQLite) }
func TestRacesPostgres(t *testing.T) { storetest.RunRaces(t, openPostgres) }

func TestDiagnosisSQLite(t *testing.T)    { storetest.RunDiagnosis(t, openSQLite) }
func TestDiagnosisPostgres(t *testing.T)  { storetest.RunDiagnosis(t, openPostgres) }
func TestConditionsSQLite(t *testing.T)   { storetest.RunConditions(t, openSQLite) }
func TestConditionsPostgres(t *testing.T) { storetest.RunConditions(t, openPostgres) }

func TestTogetherSQLite(t *testing.T)   { storetest.RunTogether(t, openSQLite) }
func TestTogetherPostgres(t *testing.T) { storetest.RunTogether(t, openPostgres) }

func TestUsersSQLite(t *testing.T)     { storetest.RunUsers(t, openSQLite) }
func TestUsersPostgres(t *testing.T)   { storetest.RunUsers(t, openPostgres) }
func TestListingSQLite(t *testing.T)   { storetest.RunListing(t, openSQLite) }
func TestListingPostgres(t *testing.T) { storetest.RunListing(t, openPostgres) }

func TestRunsSQLite(t *testing.T)         { storetest.RunRuns(t, openSQLite, (*store.Store).Spoil) }
func TestRunsPostgres(t *testing.T)       { storetest.RunRuns(t, openPostgres, (*store.Store).Spoil) }
func TestExclusionsSQLite(t *testing.T)   { storetest.RunExclusions(t, openSQLite) }
func TestExclusionsPostgres(t *testing.T) { storetest.RunExclusions(t, openPostgres) }

func TestEndsSQLite(t *testing.T)   { storetest.RunEnds(t, openSQLite, (*store.Store).History) }
func TestEndsPostgres(t *testing.T) { storetest.RunEnds(t, openPostgres, (*store.Store).History) }

func TestNotificationsSQLite(t *testing.T)   { storetest.RunNotifications(t, openSQLite) }
func TestNotificationsPostgres(t *testing.T) { storetest.RunNotifications(t, openPostgres) }
func TestControlsSQLite(t *testing.T)        { storetest.RunControls(t, openSQLite) }
func TestControlsPostgres(t *testing.T)      { storetest.RunControls(t, openPostgres) }

func TestEvidenceSQLite(t *testing.T)   { storetest.RunEvidence(t, openSQLite) }
func TestEvidencePostgres(t *testing.T) { storetest.RunEvidence(t, openPostgres) }

func TestPreviewsSQLite(t *testing.T)   { storetest.RunPreviews(t, openSQLite) }
func TestPreviewsPostgres(t *testing.T) { storetest.RunPreviews(t, openPostgres) }

func TestAccountsSQLite(t *testing.T)   { storetest.RunAccounts(t, openSQLite) }
func TestAccountsPostgres(t *testing.T) { storetest.RunAccounts(t, openPostgres) }

func TestAccountsInPortions(t *testing.T)  { storetest.RunAccounts(t, openSmallSQLite) }
func TestCollectionsSQLite(t *testing.T)   { storetest.RunCollections(t, openSQLite) }
func TestCollectionsPostgres(t *testing.T) { storetest.RunCollections(t, openPostgres) }

func TestSyncRunsSQLite(t *testing.T)         { storetest.RunSyncRuns(t, openSQLite) }
func TestSyncRunsPostgres(t *testing.T)       { storetest.RunSyncRuns(t, openPostgres) }
func TestPersonnelSQLite(t *testing.T)        { storetest.RunPersonnel(t, openSQLite) }
func TestPersonnelPostgres(t *testing.T)      { storetest.RunPersonnel(t, openPostgres) }
func TestDocumentsSQLite(t *testing.T)        { storetest.RunDocuments(t, openSQLite) }
func TestDocumentsPostgres(t *testing.T)      { storetest.RunDocuments(t, openPostgres) }
func TestComplianceSQLite(t *testing.T)       { storetest.RunCompliance(t, openSQLite) }
func TestCompliancePostgres(t *testing.T)     { storetest.RunCompliance(t, openPostgres) }
func TestDevicesSQLite(t *testing.T)          { storetest.RunDevices(t, openSQLite) }
func TestDevicesPostgres(t *testing.T)        { storetest.RunDevices(t, openPostgres) }
func TestDirectorySQLite(t *testing.T)        { storetest.RunDirectory(t, openSQLite) }
func TestDirectoryPostgres(t *testing.T)      { storetest.RunDirectory(t, openPostgres) }
func TestUpheavalOfManySQLite(t *testing.T)   { storetest.RunUpheaval(t, openManySQLite) }
func TestUpheavalOfManyPostgres(t *testing.T) { storetest.RunUpheaval(t, openManyPostgres) }
func TestCustomFieldsSQLite(t *testing.T)     { storetest.RunCustomFields(t, openSQLite) }
func TestCustomFieldsPostgres(t *testing.T)   { storetest.RunCustomFields(t, openPostgres) }
func TestImportsSQLite(t *testing.T)          { storetest.RunImports(t, openSQLite) }
func TestImportsPostgres(t *testing.T)        { storetest.RunImports(t, openPostgres) }
