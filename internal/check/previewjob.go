package check

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Limits of the jobs of previews.
const (
	maxPreviewJobs       = 50
	maxPreviewJobsOfAKey = 5
	previewJobLife       = 15 * time.Minute
)

// PreviewState is a step in the life of a preview's job.
type PreviewState string

// A job waits for those before it, runs, and is done or has failed.
const (
	PreviewWaiting PreviewState = "waiting"
	PreviewRunning PreviewState = "running"
	PreviewDone    PreviewState = "done"
	PreviewFailed  PreviewState = "failed"
)

// PreviewJob is a preview of all records that goes on after its answer. Jobs are
// in memory: they write nothing, and a restart ends them.
type PreviewJob struct {
	ID    string
	State PreviewState
	// Read is how many records were evaluated so far, Of how many there are, 0 if
	// that is not known.
	Read, Of  int64
	StartedAt time.Time
	// Result is there once it is done.
	Result *Preview
	// Err is why it failed.
	Err error
}

// previews are the jobs of this process, and whose turn it is to use its cores.
type previews struct {
	// front is for callers who wait for an answer, behind for jobs.
	front, behind chan struct{}
	ctx           context.Context //nolint:containedctx // that of the jobs
	stop          context.CancelFunc
	running       sync.WaitGroup

	mu   sync.Mutex
	jobs map[string]*previewJob
}

type previewJob struct {
	keyID, workspaceID int64
	cancel             context.CancelFunc
	public             PreviewJob
	// survey is there once it runs, ended true afterwards.
	survey *survey
	ended  bool
}

func newPreviews() *previews {
	p := &previews{front: make(chan struct{}, 1), behind: make(chan struct{}, 1), jobs: map[string]*previewJob{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// turn waits until no other survey runs for which somebody waits.
func (p *previews) turn(ctx context.Context) (free func(), err error) { return turn(ctx, p.front) }

func turn(ctx context.Context, place chan struct{}) (free func(), err error) {
	select {
	case place <- struct{}{}:
		return func() { <-place }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// start begins a job and gives its id, or none when there are too many. The
// survey that run makes is told to watch.
func (p *previews) start(keyID, workspaceID int64, now time.Time, run func(ctx context.Context, watch func(*survey)) (Preview, error)) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil || !p.room(keyID, now) {
		return ""
	}
	ctx, cancel := context.WithTimeout(p.ctx, previewJobLife)
	j := &previewJob{keyID: keyID, workspaceID: workspaceID, cancel: cancel,
		public: PreviewJob{ID: rand.Text(), State: PreviewWaiting, StartedAt: now}}
	p.jobs[j.public.ID] = j
	p.running.Go(func() {
		defer cancel()
		var out Preview
		free, err := turn(ctx, p.behind)
		if err == nil {
			defer free()
			err = guarded(func() (err error) {
				out, err = run(ctx, func(v *survey) {
					p.mu.Lock()
					defer p.mu.Unlock()
					j.survey, j.public.State = v, PreviewRunning
				})
				return err
			})
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		j.ended = true
		if j.public.State, j.public.Err = PreviewDone, err; err != nil {
			j.public.State = PreviewFailed
			return
		}
		j.public.Result = &out
	})
	return j.public.ID
}

// room forgets what is old and, if need be, the key's oldest that has ended.
func (p *previews) room(keyID int64, now time.Time) bool {
	for {
		all, own := 0, 0
		var oldest *previewJob
		for id, j := range p.jobs {
			if now.Sub(j.public.StartedAt) > previewJobLife {
				j.cancel()
				delete(p.jobs, id)
				continue
			}
			all++
			if j.keyID == keyID {
				own++
			}
			if j.ended && j.keyID == keyID && (oldest == nil || j.public.StartedAt.Before(oldest.public.StartedAt)) {
				oldest = j
			}
		}
		switch {
		case all < maxPreviewJobs && own < maxPreviewJobsOfAKey:
			return true
		case oldest == nil:
			return false
		}
		delete(p.jobs, oldest.public.ID)
	}
}

// find gives a job of a key, an absent or old one is a NotFound.
func (p *previews) find(keyID, workspaceID int64, id string, now time.Time) (*previewJob, error) {
	j := p.jobs[id]
	if j == nil || j.keyID != keyID || j.workspaceID != workspaceID || now.Sub(j.public.StartedAt) > previewJobLife {
		return nil, fault.New(fault.CodeNotFound, "there is no job %q: a preview's job is kept for %d minutes at most and does not outlive the server", clipped(id), int(previewJobLife.Minutes()))
	}
	return j, nil
}

// PreviewJob reads a job of a key; an absent one, or another's, is a NotFound.
func (s *Service) PreviewJob(keyID, workspaceID int64, id string) (PreviewJob, error) {
	p := s.previews
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(keyID, workspaceID, id, s.now())
	if err != nil {
		return PreviewJob{}, err
	}
	out := j.public
	if j.survey != nil {
		out.Read = j.survey.read.Load()
		if j.survey.at.IsZero() {
			out.Of = j.survey.of.Load()
		}
	}
	return out, nil
}

// PreviewMark is a job with a number that moves with it.
type PreviewMark struct {
	ID          string
	WorkspaceID int64
	Mark        int64
}

// PreviewMarks lists the jobs of this process, in no order.
func (s *Service) PreviewMarks() []PreviewMark {
	p := s.previews
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]PreviewMark, 0, len(p.jobs))
	for id, j := range p.jobs {
		m := PreviewMark{ID: id, WorkspaceID: j.workspaceID, Mark: -1}
		if j.survey != nil {
			m.Mark = 2 * j.survey.read.Load()
		}
		if j.ended {
			m.Mark++
		}
		out = append(out, m)
	}
	return out
}

// CancelPreview ends a job of a key and forgets it.
func (s *Service) CancelPreview(keyID, workspaceID int64, id string) error {
	p := s.previews
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(keyID, workspaceID, id, s.now())
	if err != nil {
		return err
	}
	j.cancel()
	delete(p.jobs, id)
	return nil
}

// Close cancels the jobs and waits for their end.
func (s *Service) Close() {
	s.previews.stop()
	s.previews.running.Wait()
}
