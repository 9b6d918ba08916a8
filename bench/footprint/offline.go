// The same requests as offline.sh in a minimal static program: the floor that a rewrite in a
// compiled language could reach. For the bench only; it drains nothing.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		return
	}
	if err := offline(os.Getenv("REGISTRY")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func offline(registry string) error {
	switch registry {
	case "nacos-v1":
		form := place()
		form.Set("ephemeral", "true")
		form.Set("metadata", os.Getenv("metadata"))
		return nacosPut("/v1/ns/instance", form)
	case "nacos-v3":
		return nacosPut("/v3/admin/ns/instance/partial", place())
	case "eureka":
		_, err := send("PUT", fmt.Sprintf("%s/apps/%s/%s/status?value=OUT_OF_SERVICE",
			os.Getenv("EUREKA_URL"), os.Getenv("APPLICATION"), os.Getenv("instanceId")), "", nil)
		return err
	}
	return fmt.Errorf("unknown REGISTRY: %s", registry)
}

func nacosPut(path string, form url.Values) error {
	root := "http://" + os.Getenv("NACOS_SERVER_ADDR") + "/nacos"
	body, err := send("POST", root+"/v1/auth/users/login", "", url.Values{
		"username": {os.Getenv("NACOS_USERNAME")},
		"password": {os.Getenv("NACOS_PASSWORD")},
	})
	if err != nil {
		return err
	}
	var login struct{ AccessToken string }
	if err := json.Unmarshal(body, &login); err != nil {
		return err
	}
	_, err = send("PUT", root+path, login.AccessToken, form)
	return err
}

func place() url.Values {
	return url.Values{
		"serviceName": {os.Getenv("serviceName")},
		"groupName":   {os.Getenv("groupName")},
		"namespaceId": {os.Getenv("namespaceId")},
		"clusterName": {"DEFAULT"},
		"ip":          {os.Getenv("podip")},
		"port":        {os.Getenv("port")},
		"weight":      {"1"},
		"enabled":     {"false"},
	}
}

func send(method, target, token string, form url.Values) ([]byte, error) {
	request, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, request.URL.Path, response.Status)
	}
	return body, err
}
