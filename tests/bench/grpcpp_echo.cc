// SPDX-License-Identifier: MIT
// The opponent of the transport benchmarks: grpc.testing.TestService/UnaryCall on an asynchronous grpc++ server with one
// completion queue and one thread, as its own performance guide advises for low cost per call.
//
// grpcpp_echo [CERT KEY]: listens on a free loopback port (TLS if a certificate is given), prints "port N", ends on SIGTERM.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <grpcpp/grpcpp.h>

#include "grpc/testing/test.grpc.pb.h"

namespace
{

using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::TestService;

// Requests that may be in flight before another one waits for a free slot; more than the load generator ever has.
constexpr int kSlots = 2048;

std::string ReadFile(const char *path)
{
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// One slot: waits for a call, answers it, waits for the next. The queue's tag is the slot itself.
class Slot
{
  public:
    Slot(TestService::AsyncService *service, grpc::ServerCompletionQueue *queue) : service_(service), queue_(queue)
    {
        Wait();
    }

    void Proceed(bool ok)
    {
        if (answered_ || !ok) {
            Wait();
            return;
        }
        SimpleResponse reply;
        if (request_.response_size() > 0) {
            reply.mutable_payload()->set_body(std::string(request_.response_size(), '\0'));
        }
        answered_ = true;
        responder_->Finish(reply, grpc::Status::OK, this);
    }

  private:
    void Wait()
    {
        answered_ = false;
        request_.Clear();
        context_ = std::make_unique<grpc::ServerContext>();
        responder_ = std::make_unique<grpc::ServerAsyncResponseWriter<SimpleResponse>>(context_.get());
        service_->RequestUnaryCall(context_.get(), &request_, responder_.get(), queue_, queue_, this);
    }

    TestService::AsyncService *service_;
    grpc::ServerCompletionQueue *queue_;
    std::unique_ptr<grpc::ServerContext> context_;
    std::unique_ptr<grpc::ServerAsyncResponseWriter<SimpleResponse>> responder_;
    SimpleRequest request_;
    bool answered_ = false;
};

} // namespace

int main(int argc, char **argv)
{
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    if (argc == 3) {
        grpc::SslServerCredentialsOptions options;
        options.pem_key_cert_pairs.push_back({ReadFile(argv[2]), ReadFile(argv[1])});
        credentials = grpc::SslServerCredentials(options);
    }
    int port = 0;
    TestService::AsyncService service;
    grpc::ServerBuilder builder;
    // Addresses besides 127.0.0.1 let a client use more source ports than one address has.
    builder.AddListeningPort("0.0.0.0:0", credentials, &port);
    builder.RegisterService(&service);
    std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (!server) {
        return 1;
    }
    std::printf("port %d\n", port);
    std::fflush(stdout);
    signal(SIGTERM, [](int) { std::_Exit(0); });
    for (int i = 0; i < kSlots; i++) {
        new Slot(&service, queue.get());
    }
    void *tag;
    bool ok;
    while (queue->Next(&tag, &ok)) {
        static_cast<Slot *>(tag)->Proceed(ok);
    }
    return 0;
}
