// The app of the cluster's tests: serves HTTP, registers itself as Spring Cloud apps do, and needs
// nothing of its image.
//
//	app        serves until TERM
//	app now    prints the time, for hooks in images without `date`
//
// Its environment: podip, serviceName, port; NACOS_HTTP and EUREKA_HTTP, base URLs of the
// registries it joins, with a user where need be; REGISTER_AFTER, seconds until it does, as a slow
// start takes them; instanceId, at Eureka; STOP_SECONDS, how long it goes on after TERM.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const beatEvery = 3 * time.Second

var (
	ip      = os.Getenv("podip")
	service = os.Getenv("serviceName")
	port    = or(os.Getenv("port"), "8080")
	client  = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: nil}}
)

// registry is one that the app is registered with.
type registry interface {
	register() error
	beat() error
	deregister() error
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "now" {
		fmt.Println("now", stamp())
		return
	}
	say("started")
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	var served atomic.Int64
	go func() {
		err := http.ListenAndServe(":"+port, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _ := os.Hostname()
			fmt.Fprintf(w, "%s %d\n", host, served.Add(1))
		}))
		say("cannot serve: " + err.Error())
		os.Exit(1)
	}()

	over := make(chan struct{})
	time.Sleep(time.Duration(number("REGISTER_AFTER")) * time.Second)
	var registries []registry
	if base := os.Getenv("NACOS_HTTP"); base != "" {
		registries = append(registries, newNacos(base))
	}
	if base := os.Getenv("EUREKA_HTTP"); base != "" {
		registries = append(registries, newEureka(base))
	}
	for _, one := range registries {
		go keep(one, over)
	}
	<-term
	say("TERM")
	close(over)
	for _, one := range registries {
		if err := one.deregister(); err != nil {
			say("not deregistered: " + err.Error())
		}
	}
	time.Sleep(time.Duration(number("STOP_SECONDS")) * time.Second)
	say("ended")
}

// keep registers and sends heartbeats, as clients do, until the app ends.
func keep(one registry, over chan struct{}) {
	registered := false
	for {
		err := one.beat()
		if !registered || err != nil {
			if err = one.register(); err == nil {
				say("registered")
				registered = true
			} else {
				say("not registered: " + err.Error())
			}
		}
		select {
		case <-over:
			return
		case <-time.After(beatEvery):
		}
	}
}

type nacos struct {
	base  string
	token string
}

func newNacos(base string) *nacos { return &nacos{base: base} }

// The v1 API for apps, which servers have up to 3.1.
func (n *nacos) send(method, path string, form url.Values) error {
	answer, err := request(method, n.base+path+"?"+form.Encode(), n.token, "")
	if err != nil && strings.Contains(err.Error(), "403") {
		n.token = ""
	}
	if err == nil && strings.Contains(answer, "20404") {
		return fmt.Errorf("beat: %s", answer)
	}
	return err
}

func (n *nacos) login() {
	user := os.Getenv("APP_NACOS_USERNAME")
	if user == "" || n.token != "" {
		return
	}
	form := url.Values{"username": {user}, "password": {os.Getenv("APP_NACOS_PASSWORD")}}
	answer, err := request("POST", n.base+"/v1/auth/users/login", "", form.Encode())
	if err != nil {
		say("no login: " + err.Error())
		return
	}
	var token struct{ AccessToken string }
	if json.Unmarshal([]byte(answer), &token) == nil {
		n.token = token.AccessToken
	}
}

func (n *nacos) place() url.Values {
	return url.Values{
		"serviceName": {service}, "groupName": {or(os.Getenv("groupName"), "DEFAULT_GROUP")},
		"namespaceId": {or(os.Getenv("namespaceId"), "public")}, "clusterName": {"DEFAULT"},
		"ip": {ip}, "port": {port}, "ephemeral": {"true"},
	}
}

func (n *nacos) register() error {
	n.login()
	form := n.place()
	form.Set("weight", "3")
	form.Set("metadata", `{"preserved.register.source":"SPRING_CLOUD"}`)
	return n.send("POST", "/v1/ns/instance", form)
}

func (n *nacos) beat() error {
	n.login()
	form := n.place()
	return n.send("PUT", "/v1/ns/instance/beat", form)
}

func (n *nacos) deregister() error { return n.send("DELETE", "/v1/ns/instance", n.place()) }

type eureka struct{ apps, id, host string }

func newEureka(base string) *eureka {
	host, _ := os.Hostname()
	host = or(os.Getenv("EUREKA_HOST"), host)
	return &eureka{
		apps: base + "/apps/" + strings.ToUpper(service),
		id:   or(os.Getenv("instanceId"), host+":"+service+":"+port),
		host: host,
	}
}

func (e *eureka) register() error {
	number, _ := strconv.Atoi(port)
	body, _ := json.Marshal(map[string]any{"instance": map[string]any{
		"instanceId": e.id, "hostName": e.host, "app": strings.ToUpper(service), "ipAddr": ip,
		"vipAddress": service, "status": "UP", "port": map[string]any{"$": number, "@enabled": "true"},
		"dataCenterInfo": map[string]any{
			"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
	}})
	_, err := request("POST", e.apps, "", string(body))
	return err
}

func (e *eureka) beat() error {
	_, err := request("PUT", e.apps+"/"+e.id, "", "")
	return err
}

func (e *eureka) deregister() error {
	_, err := request("DELETE", e.apps+"/"+e.id, "", "")
	return err
}

// request gives the body of an answer; any status but 2xx is an error.
func request(method, address, token, body string) (string, error) {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	} else if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if answer.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %s %s", method, r.URL.Path, answer.Status, text)
	}
	return string(text), nil
}

func number(name string) int {
	n, _ := strconv.Atoi(os.Getenv(name))
	return n
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func stamp() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

func say(text string) { fmt.Println("app", stamp(), text) }
