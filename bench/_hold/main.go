package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/pgembed"
	"onrecord/internal/store"
)

var settings = map[string]string{"shared_buffers": "512MB", "max_connections": "150", "max_wal_size": "4GB", "checkpoint_timeout": "30min", "effective_cache_size": "1500MB"}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "hold" {
		s, err := pgembed.Start(context.Background(), pgembed.Options{DataDir: "/var/tmp/onrecord-bench-asks", Settings: settings})
		if err != nil {
			panic(err)
		}
		fmt.Println(s.URL())
		for {
			if _, err := os.Stat("/tmp/asks-stop"); err == nil {
				break
			}
			time.Sleep(time.Second)
		}
		fmt.Println(s.Stop(context.Background()))
		return
	}
	u, _ := pgembed.URL("/var/tmp/onrecord-bench-asks")
	st, err := store.Open(context.Background(), store.Config{URL: u, MaxConns: 2})
	if err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		line, sql := strings.CutPrefix(in.Text(), "SQL ")
		g, _ := url.ParseQuery(line)
		q, err := store.ParseCounts(claims.KindStatement, g)
		if err != nil {
			fmt.Println(err)
			continue
		}
		if sql {
			text, args := q.SQL()
			for i := len(args); i > 0; i-- {
				v := fmt.Sprintf("'%v'", args[i-1])
				if l, ok := args[i-1].([]string); ok {
					v = "'{" + strings.Join(l, ",") + "}'"
				}
				text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), v)
			}
			fmt.Println(text + ";")
			continue
		}
		for range 3 {
			t := time.Now()
			c, err := st.Counts(context.Background(), q)
			fmt.Println(line, time.Since(t).Round(100*time.Microsecond), len(c.Rows), c.Total, err)
		}
	}
}
