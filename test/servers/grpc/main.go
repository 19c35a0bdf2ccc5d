// A server by grpc-go with reflection, which calls itself: both ends of each call are in this process. Every message that
// was said goes to stdout as a line of JSON, as Go's own library writes it: what whoever watched should have read.
//
// With `-serve` it only serves.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

type server struct {
	testpb.UnimplementedTestServiceServer
}

func (server) UnaryCall(_ context.Context, ask *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	say("UnaryCall", "client", ask)
	if wanted := ask.GetResponseStatus(); wanted != nil {
		refusal, err := status.New(codes.Code(wanted.Code), wanted.Message).WithDetails(ask.Payload)
		if err != nil {
			log.Fatal(err)
		}
		return nil, refusal.Err()
	}
	answer := &testpb.SimpleResponse{
		Payload:  &testpb.Payload{Type: testpb.PayloadType_COMPRESSABLE, Body: bytes.Repeat([]byte("a"), int(ask.ResponseSize))},
		Username: "tea & café", ServerId: "s\n1", GrpclbRouteType: testpb.GrpclbRouteType_GRPCLB_ROUTE_TYPE_BACKEND,
	}
	say("UnaryCall", "server", answer)
	return answer, nil
}

func (server) FullDuplexCall(stream testpb.TestService_FullDuplexCallServer) error {
	for {
		ask, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		say("FullDuplexCall", "client", ask)
		for _, wanted := range ask.ResponseParameters {
			answer := &testpb.StreamingOutputCallResponse{Payload: &testpb.Payload{Body: make([]byte, wanted.Size)}}
			say("FullDuplexCall", "server", answer)
			if err := stream.Send(answer); err != nil {
				return err
			}
		}
	}
}

// Go varies the spaces of its JSON on purpose.
func say(method, from string, message proto.Message) {
	text, err := protojson.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"method\":%q,\"from\":%q,\"message\":%s}\n", method, from, compact.Bytes())
}

func main() {
	serves := flag.Bool("serve", false, "only serve")
	reflects := flag.Bool("reflection", true, "offer reflection")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	serving := grpc.NewServer()
	testpb.RegisterTestServiceServer(serving, server{})
	if *reflects {
		reflection.Register(serving)
	}
	fmt.Printf("{\"address\":%q}\n", listener.Addr())
	if *serves {
		log.Fatal(serving.Serve(listener))
	}
	go serving.Serve(listener)
	if err := call(listener.Addr().String()); err != nil {
		log.Fatal(err)
	}
	serving.GracefulStop()
}

func call(address string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := testpb.NewTestServiceClient(connection)
	ask := &testpb.SimpleRequest{
		ResponseSize: 1000, FillUsername: true, ExpectCompressed: &testpb.BoolValue{Value: true},
		OrcaPerQueryReport: &testpb.TestOrcaReport{
			CpuUtilization: 0.1, RequestCost: map[string]float64{"a": 1.5}, MemoryUtilization: -1e300,
		},
	}
	// The answer is compressed as the question is.
	for _, option := range [][]grpc.CallOption{{}, {grpc.UseCompressor(gzip.Name)}} {
		if _, err := client.UnaryCall(context.Background(), ask, option...); err != nil {
			return err
		}
	}
	refused := &testpb.SimpleRequest{
		ResponseStatus: &testpb.EchoStatus{Code: int32(codes.NotFound), Message: "no tea, é"},
		Payload:        &testpb.Payload{Body: []byte("why")},
	}
	if _, err := client.UnaryCall(context.Background(), refused); status.Code(err) != codes.NotFound {
		return fmt.Errorf("it should have been refused: %w", err)
	}
	return converse(client)
}

// Each asks when it has the answer to what it asked before.
func converse(client testpb.TestServiceClient) error {
	stream, err := client.FullDuplexCall(context.Background(), grpc.UseCompressor(gzip.Name))
	if err != nil {
		return err
	}
	for _, size := range []int32{1, 300, 5} {
		ask := &testpb.StreamingOutputCallRequest{
			ResponseType:       testpb.PayloadType_COMPRESSABLE,
			ResponseParameters: []*testpb.ResponseParameters{{Size: size}, {Size: size + 1, IntervalUs: 7}},
		}
		if err := stream.Send(ask); err != nil {
			return err
		}
		for range ask.ResponseParameters {
			if _, err := stream.Recv(); err != nil {
				return err
			}
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	_, err = stream.Recv()
	if err != io.EOF {
		return err
	}
	return nil
}
