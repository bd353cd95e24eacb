// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package hubble

import (
	"net"

	"google.golang.org/grpc"

	peerpb "github.com/cilium/cilium/api/v1/peer"
)

// peers is the service that tells relay of its nodes; here they are always the same.
type peers struct {
	peerpb.UnimplementedPeerServer
	known   []*peerpb.ChangeNotification
	server  *grpc.Server
	address string
}

func servePeers(nodes []*Node) (*peers, error) {
	p := &peers{server: grpc.NewServer()}
	for _, node := range nodes {
		p.known = append(p.known, &peerpb.ChangeNotification{
			Name: node.name, Address: node.gate.address, Type: peerpb.ChangeNotificationType_PEER_ADDED})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.address = listener.Addr().String()
	peerpb.RegisterPeerServer(p.server, p)
	go p.server.Serve(listener)
	return p, nil
}

// Notify is the service's one call.
func (p *peers) Notify(_ *peerpb.NotifyRequest, stream peerpb.Peer_NotifyServer) error {
	for _, peer := range p.known {
		if err := stream.Send(peer); err != nil {
			return err
		}
	}
	<-stream.Context().Done()
	return nil
}
