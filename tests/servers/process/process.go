// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package process runs programs of which nothing is left behind: each is ended by its own id, and dies with its parent.
package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Patience is the longest time for anything that is to come; what is waited for usually is there much sooner.
const Patience = 60 * time.Second

// Options of a process.
type Options struct {
	Folder string   // gets NAME.log
	Env    []string // beside the environment of this process
	Output string   // a file for standard output, which then is not among the lines
}

// Process is a running program, and what it has said so far.
type Process struct {
	Name    string
	command *exec.Cmd
	stdin   io.WriteCloser
	ended   chan struct{}

	mutex sync.Mutex
	lines []string
}

// Start runs a program. Its two outputs are kept by line and written to a log.
func Start(name string, options Options, program string, args ...string) (*Process, error) {
	p := &Process{Name: name, command: exec.Command(program, args...), ended: make(chan struct{})}
	p.command.Dir = options.Folder
	p.command.Env = append(os.Environ(), options.Env...)
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.OpenFile(filepath.Join(options.Folder, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer writer.Close()
	p.command.Stdout, p.command.Stderr = writer, writer
	if options.Output != "" {
		file, err := os.Create(options.Output)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		p.command.Stdout = file
	}
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go p.collect(reader, log)
	return p, nil
}

func (p *Process) collect(reader, log *os.File) {
	defer log.Close()
	defer reader.Close()
	in := bufio.NewReader(io.TeeReader(reader, log))
	for {
		line, err := in.ReadString('\n')
		if line != "" {
			p.mutex.Lock()
			p.lines = append(p.lines, strings.TrimSuffix(line, "\n"))
			p.mutex.Unlock()
		}
		if err != nil {
			break
		}
	}
	_ = p.command.Wait()
	close(p.ended)
}

// Say writes a line to its standard input.
func (p *Process) Say(format string, args ...any) error {
	_, err := fmt.Fprintf(p.stdin, format+"\n", args...)
	return err
}

// Count gives how many of its lines hold the text.
func (p *Process) Count(text string) int {
	count := 0
	for _, line := range p.Lines() {
		if strings.Contains(line, text) {
			count++
		}
	}
	return count
}

// Lines gives all that it has said.
func (p *Process) Lines() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.lines[:len(p.lines):len(p.lines)]
}

// Last gives the last line that holds the text, or nothing.
func (p *Process) Last(text string) string {
	lines := p.Lines()
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], text) {
			return lines[i]
		}
	}
	return ""
}

// Await waits until so many lines hold the text.
func (p *Process) Await(text string, times int) error {
	seen := func() bool { return p.Count(text) >= times }
	if Until(Patience, func() bool { return seen() || !p.Running() }) && seen() {
		return nil
	}
	return fmt.Errorf("%s: %q came %d times, not %d; its last line: %s", p.Name, text, p.Count(text), times, p.Last(""))
}

// Running tells whether it has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Signal sends one.
func (p *Process) Signal(signal syscall.Signal) {
	if p.Running() {
		_ = p.command.Process.Signal(signal)
	}
}

// Kill ends it at once, also where it is stopped.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.ended
}

// Stop asks it to end, and gives its exit code.
func (p *Process) Stop(signal syscall.Signal) (int, error) {
	if !p.StopWithin(signal, Patience) {
		return -1, errors.New(p.Name + " did not end when told to")
	}
	return p.command.ProcessState.ExitCode(), nil
}

// StopWithin asks it to end, and tells whether it did; otherwise it is killed.
func (p *Process) StopWithin(signal syscall.Signal, grace time.Duration) bool {
	p.Signal(signal)
	select {
	case <-p.ended:
		return true
	case <-time.After(grace):
		p.Kill()
		return false
	}
}

// Until asks again and again, and gives false once the time is over.
func Until(limit time.Duration, done func() bool) bool {
	for end := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
