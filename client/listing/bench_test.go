package listing

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// benchLines is how many lines the benchmarks parse at a time.
const benchLines = 100_000

// benchmark parses text again and again and reports the cost of a line.
func benchmark(b *testing.B, text string, opt Options) {
	b.Helper()
	opt.Now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var last *Listing
	for b.Loop() {
		l, err := Parse(strings.NewReader(text), opt)
		if err != nil {
			b.Fatal(err)
		}
		last = l
	}
	if len(last.Entries) != benchLines || len(last.Unread) != 0 {
		b.Fatalf("%d entries, %d unread", len(last.Entries), len(last.Unread))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchLines, "ns/line")
	b.ReportMetric(float64(len(text))/benchLines, "B/text-line")
}

// repeat makes a listing of benchLines lines.
func repeat(line func(i int) string) string {
	var sb strings.Builder
	for i := range benchLines {
		sb.WriteString(line(i))
		sb.WriteString("\r\n")
	}
	return sb.String()
}

func BenchmarkUnix(b *testing.B) {
	months := strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
	benchmark(b, repeat(func(i int) string {
		if i%3 == 0 {
			return fmt.Sprintf("drwxr-xr-x    2 ftp      ftp          4096 %s %2d  2021 directory-%06d", months[i%12], i%28+1, i)
		}
		return fmt.Sprintf("-rw-r--r--    1 ftp      ftp      %8d %s %2d %02d:%02d file-%06d.dat", i*37, months[i%12], i%28+1, i%24, i%60, i)
	}), Options{Kind: LIST})
}

func BenchmarkUnixLocalized(b *testing.B) {
	months := strings.Fields("janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.")
	benchmark(b, repeat(func(i int) string {
		return fmt.Sprintf("-rw-r--r-- 1 mara utilisateurs %8d %2d %s 2021 fichier-%06d.dat", i*37, i%28+1, months[i%12], i)
	}), Options{})
}

func BenchmarkUnixISO(b *testing.B) {
	benchmark(b, repeat(func(i int) string {
		return fmt.Sprintf("-rw-r--r-- 1 mara staff %8d 2021-%02d-%02d 09:07 file-%06d.dat", i*37, i%12+1, i%28+1, i)
	}), Options{})
}

func BenchmarkMLSD(b *testing.B) {
	benchmark(b, repeat(func(i int) string {
		return fmt.Sprintf("modify=202103%02d0907%02d;perm=adfrw;size=%d;type=file;unique=FC01U%X;UNIX.group=1001;UNIX.mode=0644;UNIX.owner=1001; file-%06d.dat",
			i%28+1, i%60, i*37, i, i)
	}), Options{Kind: MLSD})
}

func BenchmarkDOS(b *testing.B) {
	benchmark(b, repeat(func(i int) string {
		return fmt.Sprintf("%02d-%02d-21  09:07AM %20d file-%06d.dat", i%12+1, i%28+1, i*37, i)
	}), Options{})
}

func BenchmarkEPLF(b *testing.B) {
	benchmark(b, repeat(func(i int) string {
		return fmt.Sprintf("+i%d.%d,m1646384853,r,s%d,up644,\tfile-%06d.dat", i, i*7, i*37, i)
	}), Options{})
}
