using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Processes;

/// <summary>Programs that behave and programs that do not, in real processes.</summary>
public sealed class ProcessPredictorTests : IDisposable
{
    private const int Calls = 30;

    private readonly RecordingLoggers _loggers = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-process-").FullName;

    private static CancellationToken Token => ProcessFixture.Token;

    public void Dispose()
    {
        _loggers.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task PredictAsync_RowsNumbersAndTexts_AreAnsweredByOneProcess()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var first = await ProcessFixture.CallAsync(predictor, "Grüße\n\"東京\" 🚲", rows: 3, x: 0.1, cancellationToken: Token);
        Assert.Equal([0.2, 0.2, 0.2], first.Sums);
        Assert.Equal(Enumerable.Repeat("Grüße\n\"東京\" 🚲", 3), first.Echo);
        Assert.Equal(first.Process, (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Process);
        Assert.NotEqual(Environment.ProcessId, first.Process);
    }

    [Fact]
    public async Task PredictAsync_NotFiniteNumbers_TravelAsTexts()
    {
        await using var predictor = Create(ProcessFixture.Options());
        foreach (var number in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue / 2, double.Epsilon, -0.0 })
            Assert.Equal([number + number], (await ProcessFixture.CallAsync(predictor, x: number, cancellationToken: Token)).Sums);
    }

    [Fact]
    public async Task PredictAsync_EightCallersAndThreeProcesses_EachGetsItsOwn()
    {
        var options = ProcessFixture.Options();
        options.ProcessCount = 3;
        await using var predictor = Create(options);
        await predictor.StartAsync(Token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var processes = new HashSet<long>();
            for (var call = 0; call < 40; call++)
            {
                var (sums, echo, process) = await ProcessFixture.CallAsync(predictor, $"{caller} {call}", rows: 1 + (call % 3), x: caller, cancellationToken: Token);
                Assert.All(sums, sum => Assert.Equal(2 * caller, sum));
                Assert.All(echo, text => Assert.Equal($"{caller} {call}", text));
                processes.Add(process);
            }

            return processes;
        }, Token)));
        Assert.InRange(answers.SelectMany(processes => processes).Distinct().Count(), 2, 3);
    }

    [Fact]
    public async Task PredictAsync_ProcessOutOfOrder_FailsTheCallAndIsStartedAnew()
    {
        const string NoJson = "it wrote a line that is no JSON object; what else it prints belongs on its standard error, and numbers that are not finite are texts";
        const string OtherId = "it answered with the id of another request, or none";
        await using var predictor = Create(ProcessFixture.Options());
        var before = await ProcessFixture.CallAsync(predictor, cancellationToken: Token);
        foreach (var (command, reason) in new[]
        {
            ("!exit", "it ended with the exit code 3"),
            ("!kill", "it ended with the exit code 137"),
            ("!line garbage", NoJson),
            ("!line ", NoJson),
            ("!line {\"id\": ID, \"outputs\": {}} {}", NoJson),
            ("!line {\"id\": ID, \"outputs\": {\"sum\": [[NaN]]}}", NoJson),
            ("!line {\"id\": 999, \"outputs\": {}}", OtherId),
            ("!line {\"id\": \"x\", \"outputs\": {}}", OtherId),
            ("!line {\"outputs\": {}}", OtherId),
        })
        {
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, command, cancellationToken: Token));
            Assert.Equal($"The process of the model 'sums' failed: {reason}.", error.Message);
            var after = await ProcessFixture.CallAsync(predictor, x: 4, cancellationToken: Token);
            Assert.Equal([8d], after.Sums);
            Assert.NotEqual(before.Process, after.Process);
            Assert.False(ProcessFixture.IsRunning(before.Process));
            before = after;
        }

        Assert.Equal(9, _loggers.Count("ProcessFailed"));
    }

    [Fact]
    public async Task PredictAsync_AnswersThatDoNotFit_NameTheOutputAndKeepTheProcess()
    {
        const string Shape = "answered the output 'sum' in another shape: 1 rows of sum: Float64[?, 1] were expected, as nested arrays";
        await using var predictor = Create(ProcessFixture.Options());
        var before = await ProcessFixture.CallAsync(predictor, cancellationToken: Token);
        foreach (var (answer, reason) in new[]
        {
            ("{\"id\": ID}", "answered without outputs and without an error"),
            ("{\"id\": ID, \"outputs\": 3}", "answered without outputs and without an error"),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[1]], \"echo\": [[\"a\"]]}}", "did not answer the output 'process'"),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[1], [2]], \"echo\": [[\"a\"]], \"process\": [1]}}", Shape),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[1, 2]], \"echo\": [[\"a\"]], \"process\": [1]}}", Shape),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[[1]]], \"echo\": [[\"a\"]], \"process\": [1]}}", Shape),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[[[[1]]]]], \"echo\": [[\"a\"]], \"process\": [1]}}", Shape),
            ("{\"id\": ID, \"outputs\": {\"sum\": 1, \"echo\": [[\"a\"]], \"process\": [1]}}", Shape),
            ("{\"id\": ID, \"outputs\": {\"sum\": {\"a\": 1}, \"echo\": [[\"a\"]], \"process\": [1]}}", Shape),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[\"1\"]], \"echo\": [[\"a\"]], \"process\": [1]}}", "answered the output 'sum' with a value that is no Float64"),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[1]], \"echo\": [[7]], \"process\": [1]}}", "answered the output 'echo' with a value that is no String"),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[1]], \"echo\": [[\"a\"]], \"process\": [1.5]}}", "answered the output 'process' with a value that is no Int64"),
            ("{\"id\": ID, \"outputs\": {\"sum\": [[1]], \"echo\": [[\"a\"]], \"process\": [null]}}", "answered the output 'process' with a value that is no Int64"),
        })
        {
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!line " + answer, cancellationToken: Token));
            Assert.Equal($"The process of the model 'sums' {reason}.", error.Message);
        }

        Assert.Equal(before.Process, (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Process);
    }

    [Fact]
    public async Task PredictAsync_MissingAndFlatOutputs_AreTaken()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var answer = await ProcessFixture.CallAsync(predictor, "!line {\"id\": ID, \"more\": [{}], \"outputs\": {\"other\": [1, {}], \"sum\": [null, \"-Infinity\"], \"echo\": [[null], [\"b\"]], \"process\": [[-5], [1]]}}", rows: 2, cancellationToken: Token);
        Assert.Equal([double.NaN, double.NegativeInfinity], answer.Sums);
        Assert.Equal(["", "b"], answer.Echo);
        Assert.Equal(-5, answer.Process);
    }

    [Fact]
    public async Task PredictAsync_AnsweredError_IsTheInnerExceptionOfARow()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!line {\"error\": \"secret 5 is bad\", \"row\": 1, \"id\": ID}", rows: 2, cancellationToken: Token));
        Assert.Equal("The process of the model 'sums' answered with an error for row 1; the inner exception says which.", error.Message);
        Assert.Equal(1, error.Row);
        Assert.Equal("secret 5 is bad", error.InnerException!.Message);
        Assert.Equal(0, _loggers.Count("ProcessFailed"));
    }

    [Fact]
    public async Task PredictAsync_NoAnswerInTime_KillsTheProcessAndStartsAnother()
    {
        var options = ProcessFixture.Options();
        options.Timeout = TimeSpan.FromSeconds(2);
        await using var predictor = Create(options);
        await predictor.StartAsync(Token);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!silence", cancellationToken: Token));
        Assert.Equal("The process of the model 'sums' failed: it did not answer within 2 s, and was killed.", error.Message);
        options.Timeout = TimeSpan.FromMinutes(1); // Without effect: it was copied.
        Assert.Equal([2d], await SumsAsync(predictor));

        async Task<IReadOnlyList<double>> SumsAsync(IPredictor of)
        {
            // A slow machine may need more than two seconds for a start, but not for an answer.
            await ((ProcessPredictor)of).StartAsync(Token);
            return (await ProcessFixture.CallAsync(of, cancellationToken: Token)).Sums;
        }
    }

    [Fact]
    public async Task PredictAsync_ProcessThatNeverReads_TimesOutWhateverTheSizeOfTheRequest()
    {
        var options = ProcessFixture.Shell("""echo '{"protocol": 1}'; exec sleep 600""");
        options.Timeout = TimeSpan.FromSeconds(1);
        await using var predictor = Create(options);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, new string('x', 1000), rows: 2000, cancellationToken: Token));
        Assert.Equal("The process of the model 'sums' failed: it did not read its input within 1 s, and was killed.", error.Message);
    }

    /// <summary>What the program has started keeps its output open, and nobody waits for that to end.</summary>
    [Fact]
    public async Task PredictAsync_ProcessEndsAndAChildHasItsOutput_FailsAtOnceWithTheExitCode()
    {
        var options = ProcessFixture.Shell("""echo '{"protocol": 1}'; sleep 600 & echo $! > "$PLACE/child"; read line; exit 3""");
        options.Environment["PLACE"] = _folder;
        options.Timeout = Timeout.InfiniteTimeSpan;
        await using var predictor = Create(options);
        try
        {
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token).WaitAsync(TimeSpan.FromMinutes(1), Token));
            Assert.Equal("The process of the model 'sums' failed: it ended with the exit code 3.", error.Message);
        }
        finally
        {
            using var child = System.Diagnostics.Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "child"), Token), System.Globalization.CultureInfo.InvariantCulture));
            child.Kill();
        }
    }

    /// <summary>A child that reads the input of a program that has ended must see its end.</summary>
    [Fact]
    public async Task PredictAsync_ProcessEndsAgainAndAgain_LeavesNoPipesBehind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lists the open files of a process.");
        var options = ProcessFixture.Shell("""echo '{"protocol": 1}'; read line; exit 3""");
        (options.RestartDelay, options.MaxRestartDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        await using var predictor = Create(options);
        var before = Pipes();
        for (var failures = 0; failures < 120;)
        {
            var error = await Assert.ThrowsAnyAsync<MlopsException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
            if (error is PredictionFailedException) failures++;
        }

        // Other tests start processes meanwhile.
        Assert.InRange(Pipes() - before, int.MinValue, 60);

        static int Pipes() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(file => file.LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true || file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
    }

    /// <summary>The first process of the folder answers a request that is larger than a pipe, and never reads it; those after it read and answer.</summary>
    [Theory]
    [InlineData(null, "The process of the model 'sums' failed: it did not read its input within 2 s, and was killed.")]
    [InlineData(0.5, "The prediction by 'sums' did not end by its deadline.")]
    public async Task PredictAsync_AnsweredBeforeTheInputIsRead_TimesOutAndStartsAnother(double? deadline, string message)
    {
        const string Answer = """{"id": %s, "outputs": {"sum": [2], "echo": ["a"], "process": [%s]}}\n""";
        var options = ProcessFixture.Shell($$"""
            echo '{"protocol": 1}'
            if mkdir "$PLACE/first" 2>/dev/null; then printf '{{Answer}}' 1 $$; exec sleep 600; fi
            read line; printf '{{Answer}}' 2 $$; read line
            """);
        options.Environment["PLACE"] = _folder;
        options.Timeout = TimeSpan.FromSeconds(2);
        await using var predictor = Create(options);
        await predictor.StartAsync(Token);
        var context = new PredictionContext { Deadline = deadline is { } seconds ? TimeProvider.System.GetUtcNow().AddSeconds(seconds) : null };
        var call = ProcessFixture.CallAsync(predictor, new string('x', 1000), rows: 2000, context: context, cancellationToken: Token);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => call.WaitAsync(TimeSpan.FromMinutes(1), Token));
        Assert.Equal(message, error.Message);

        // Its place is free again, also where nobody waited for that.
        await predictor.StartAsync(Token).WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Equal(["a"], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Echo);
        Assert.Equal(1, _loggers.Count("ProcessFailed"));
    }

    [Fact]
    public async Task PredictAsync_CancelledMeanwhile_LetsTheCallerGoAndKeepsTheProcess()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var before = await ProcessFixture.CallAsync(predictor, cancellationToken: Token);
        using var source = new CancellationTokenSource();
        var slow = ProcessFixture.CallAsync(predictor, "!slow", cancellationToken: source.Token);
        Assert.False(slow.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        var after = await ProcessFixture.CallAsync(predictor, "after", x: 3, cancellationToken: Token);
        Assert.Equal((before.Process, 6d, "after"), (after.Process, after.Sums[0], after.Echo[0]));
    }

    [Fact]
    public async Task PredictAsync_CancelledWhileWaiting_LeavesThePlaceToOthers()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var slow = ProcessFixture.CallAsync(predictor, "!slow", cancellationToken: Token);
        using var source = new CancellationTokenSource();
        var waiting = ProcessFixture.CallAsync(predictor, cancellationToken: source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(["!slow"], (await slow).Echo);
        Assert.Equal([2d], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Sums);
    }

    [Fact]
    public async Task PredictAsync_Deadline_RejectsBeforeTheCallAndTimesOutDuringIt()
    {
        await using var predictor = Create(ProcessFixture.Options());
        await predictor.StartAsync(Token);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => ProcessFixture.CallAsync(predictor, context: new PredictionContext { Deadline = DateTimeOffset.UnixEpoch }, cancellationToken: Token));
        var context = new PredictionContext { Deadline = TimeProvider.System.GetUtcNow().AddMilliseconds(300) };
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!slow", context: context, cancellationToken: Token));
        Assert.Equal(("The prediction by 'sums' did not end by its deadline.", true), (error.Message, error.IsTransient));
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal([2d], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Sums);
    }

    /// <summary>It is thought to be well when it has started, not when it is tried.</summary>
    [Fact]
    public async Task FindObstacle_HangsWhenItIsStartedAgain_StaysUntilItHasStarted()
    {
        var time = new ManualTimeProvider();
        var program = Path.Combine(_folder, "program.sh");
        await File.WriteAllTextAsync(program, "exit 7", Token);
        await using var predictor = new ProcessPredictor(ProcessFixture.Signature, ProcessFixture.Shell($"exec sh '{program}'"), "sums", time, _loggers);
        for (var failure = 0; failure < 2; failure++) await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(predictor.FindObstacle());
        await File.WriteAllTextAsync(program, "read line", Token);
        var call = ProcessFixture.CallAsync(predictor, cancellationToken: Token);
        time.Advance(TimeSpan.FromSeconds(25));
        Assert.False(call.IsCompleted);
        Assert.NotNull(predictor.FindObstacle());
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(10, Token);
        }

        await Assert.ThrowsAsync<PredictionFailedException>(() => call);
    }

    /// <summary>That some rows cannot be predicted is an answer.</summary>
    [Fact]
    public async Task PredictAsync_AnswersOfErrorsBetweenFailures_AreNoFailuresInARow()
    {
        await using var predictor = new ProcessPredictor(ProcessFixture.Signature, ProcessFixture.Options(), "sums", new ManualTimeProvider(), _loggers);
        for (var failure = 0; failure < 3; failure++)
        {
            await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!exit", cancellationToken: Token));
            Assert.Null(predictor.FindObstacle());
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!line {\"id\": ID, \"error\": \"no\"}", cancellationToken: Token));
            Assert.Contains("no", error.InnerException!.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>What was started is killed where the start fails, and left alone when it fails again.</summary>
    [Fact]
    public async Task PredictAsync_OtherProtocol_LeavesNoProcess()
    {
        var file = Path.Combine(_folder, "ids");
        var predictor = new ProcessPredictor(ProcessFixture.Signature, ProcessFixture.Shell($"echo $$ >> '{file}'; echo '{{\"protocol\": 99}}'; while read line; do :; done"), "sums", new ManualTimeProvider(), _loggers);
        for (var failure = 0; failure < 2; failure++) await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
        var ids = await File.ReadAllLinesAsync(file, Token);
        Assert.Equal(2, ids.Length);
        Assert.All(ids, id => Assert.False(ProcessFixture.IsRunning(long.Parse(id, CultureInfo.InvariantCulture))));
        await predictor.DisposeAsync();
    }

    /// <summary>Those that run go on answering while the others are started; who starts them too waits for the same.</summary>
    [Fact]
    public async Task StartAsync_OneIsBusyAndOneHasEnded_StartsThatOneWithoutWaiting()
    {
        var options = ProcessFixture.Options();
        options.ProcessCount = 2;
        await using var predictor = Create(options);
        await Task.WhenAll(predictor.StartAsync(Token), predictor.StartAsync(Token));
        Assert.Equal(2, _loggers.Count("ProcessStarted"));
        await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!exit", cancellationToken: Token));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var busy = ProcessFixture.CallAsync(predictor, "!silence", cancellationToken: cancellation.Token);
        await predictor.StartAsync(Token);
        Assert.Equal([2d], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Sums);
        Assert.False(busy.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => busy);
    }

    /// <summary>One that cannot say how it is must not keep the others from being told of.</summary>
    [Fact]
    public async Task FindObstacle_Throws_IsToldOfItsModelOnly()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);
        await using var host = new ModelHost(new ModelLoader([]), new ModelHostOptions { WarmUp = false });
        await host.AddAsync("sound", ModelSource.FromPredictor(_ => Task.FromResult(Predictor.Create(signature, static (_, _, _, _) => { }))), cancellationToken: Token);
        await host.AddAsync("broken", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(new Unavailable(Predictor.Create(signature, static (_, _, _, _) => { })))), cancellationToken: Token);
        Assert.Null(host.GetStatus("sound").Obstacle);
        Assert.Equal("it could not be asked: no", host.GetStatus("broken").Obstacle);
        Assert.Equal(HealthStatus.Unhealthy, (await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), Token)).Status);
    }

    /// <summary>A process that is left alone for a while holds up nobody while another one is free.</summary>
    [Fact]
    public async Task PredictAsync_OneOfTwoProcessesFailsTwice_TheOtherAnswers()
    {
        var options = ProcessFixture.Options();
        (options.ProcessCount, options.MaxLineBytes, options.RestartDelay, options.MaxRestartDelay) = (2, 100_000, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await using var predictor = Create(options);
        for (var failure = 0; failure < 2; failure++) await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!long", cancellationToken: Token));
        for (var call = 0; call < 3; call++) Assert.Equal([2d], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Sums);
        Assert.Null(predictor.FindObstacle());

        // Now the other one too.
        for (var failure = 0; failure < 2; failure++) await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!long", cancellationToken: Token));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
        Assert.NotNull(predictor.FindObstacle());
    }

    /// <summary>While a program that failed twice is left alone, the host says that its model cannot predict; then it may be tried again.</summary>
    [Fact]
    public async Task FindObstacle_InAHost_IsToldByItsStatusAndHealth()
    {
        var time = new ManualTimeProvider();
        await using var predictor = new ProcessPredictor(ProcessFixture.Signature, ProcessFixture.Shell("exit 7"), "sums", time, _loggers);
        await using var host = new ModelHost(new ModelLoader([]), new ModelHostOptions { WarmUp = false }, timeProvider: time);
        await host.AddAsync("sums", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(predictor)), cancellationToken: Token);
        var check = new ServingHealthCheck(host);
        for (var failure = 1; failure <= 2; failure++)
        {
            Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext(), Token)).Status);
            Assert.Null(host.GetStatus("sums").Obstacle);
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(host.Get("sums"), cancellationToken: Token));
            Assert.True(error.IsTransient);
        }

        const string Obstacle = "its process failed and is not yet started again: it ended with the exit code 7";
        Assert.Equal(Obstacle, host.GetStatus("sums").Obstacle);
        Assert.EndsWith($"; cannot predict now: {Obstacle}", host.GetStatus("sums").ToString(), StringComparison.Ordinal);
        var health = await check.CheckHealthAsync(new HealthCheckContext(), Token);
        Assert.Equal((HealthStatus.Unhealthy, $"The model 'sums' cannot predict now: {Obstacle}."), (health.Status, health.Description));
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Null(host.GetStatus("sums").Obstacle);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext(), Token)).Status);
    }

    /// <summary>A program that does not start has not seen the rows of the warm-up.</summary>
    [Fact]
    public async Task AddAsync_ProgramDoesNotStart_SaysSoAndNothingOfRows()
    {
        await using var predictor = Create(ProcessFixture.Shell("exit 7"));
        await using var host = new ModelHost(new ModelLoader([]), new ModelHostOptions());
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync("sums", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(predictor)), cancellationToken: Token));
        Assert.Contains("is not served as 'sums': it could not be tried: The process of the model 'sums' failed: it ended with the exit code 7.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zeros", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The host cancels at the deadline, and the predictor itself knows it: whoever is first, the caller is told the same.</summary>
    [Theory]
    [InlineData("""echo '{"protocol": 1}'; while read line; do :; done""", Calls, typeof(PredictionFailedException))]
    [InlineData("""echo '{"protocol": 1}'; while read line; do :; done""", 1, typeof(PredictionRejectedException))]
    [InlineData("while read line; do :; done", Calls, typeof(PredictionRejectedException))]
    public async Task PredictAsync_DeadlinePassesInAHost_IsATimeOutOnceTheProcessIsAsked(string script, int processes, Type outcome)
    {
        var time = new ManualTimeProvider();
        var options = ProcessFixture.Shell(script);
        (options.ProcessCount, options.Timeout, options.StartTimeout) = (processes, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await using var predictor = new ProcessPredictor(ProcessFixture.Signature, options, "sums", time, _loggers);
        await using var host = new ModelHost(new ModelLoader([]), new ModelHostOptions { WarmUp = false }, timeProvider: time);
        await host.AddAsync("sums", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(predictor)), cancellationToken: Token);
        var isReady = script.StartsWith("echo", StringComparison.Ordinal);
        if (isReady) await predictor.StartAsync(Token);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var busy = processes < Calls ? ProcessFixture.CallAsync(predictor, cancellationToken: cancellation.Token) : Task.CompletedTask;
        for (var i = 0; i < Calls; i++)
        {
            var call = ProcessFixture.CallAsync(host.Get("sums"), context: new PredictionContext { Deadline = time.GetUtcNow().AddSeconds(1) }, cancellationToken: Token);
            Assert.False(call.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.IsType(outcome, await Record.ExceptionAsync(() => call));
        }

        await cancellation.CancelAsync();
        await Record.ExceptionAsync(() => busy);
    }

    [Fact]
    public async Task PredictAsync_NoTimeoutsAndDeadlineBeyondWhatTimersCount_AreWaitedFor()
    {
        var options = ProcessFixture.Options();
        (options.Timeout, options.StartTimeout, options.ShutdownTimeout) = (Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var predictor = Create(options);
        var context = new PredictionContext { Deadline = DateTimeOffset.MaxValue };
        var slow = ProcessFixture.CallAsync(predictor, "!slow", context: context, cancellationToken: Token);
        var waiting = ProcessFixture.CallAsync(predictor, "waits", x: 2, context: context, cancellationToken: Token);
        Assert.Equal(["!slow"], (await slow).Echo);
        var second = await waiting;
        Assert.Equal((4d, "waits", (await slow).Process), (second.Sums[0], second.Echo[0], second.Process));
        Assert.Equal(0, _loggers.Count("ProcessFailed"));
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassedWhileTheProcessIsBusy_LeavesItToOthers()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var slow = ProcessFixture.CallAsync(predictor, "!slow", cancellationToken: Token);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => ProcessFixture.CallAsync(predictor, context: new PredictionContext { Deadline = DateTimeOffset.UnixEpoch }, cancellationToken: Token));
        Assert.Equal(["!slow"], (await slow).Echo);
        Assert.Equal(["after"], (await ProcessFixture.CallAsync(predictor, "after", cancellationToken: Token)).Echo);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_MoreThanTheQueueTakes_RejectsAtOnce(bool hasTimeout)
    {
        var options = ProcessFixture.Options();
        options.QueueCapacity = 1;
        options.Timeout = hasTimeout ? TimeSpan.FromSeconds(20) : Timeout.InfiniteTimeSpan;
        await using var predictor = Create(options);
        var slow = ProcessFixture.CallAsync(predictor, "!slow", cancellationToken: Token);
        var waiting = ProcessFixture.CallAsync(predictor, "waits", cancellationToken: Token);
        var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
        Assert.Equal(hasTimeout ? TimeSpan.FromSeconds(10) : null, error.RetryAfter);
        Assert.Equal(["!slow", "waits"], [(await slow).Echo[0], (await waiting).Echo[0]]);
    }

    [Fact]
    public async Task PredictAsync_FloodOfErrors_IsDrainedAndLoggedUpToALimit()
    {
        await using (var predictor = Create(ProcessFixture.Options()))
        {
            Assert.Equal(["!flood"], (await ProcessFixture.CallAsync(predictor, "!flood", cancellationToken: Token)).Echo);
        }

        Assert.Equal((1000, 1), (_loggers.Count("ProcessSaid"), _loggers.Count("ProcessSaidTooMuch")));
    }

    /// <summary>Who no longer reads what a process says beside its answers keeps it from answering.</summary>
    [Fact]
    public async Task PredictAsync_LoggerThrows_IsAnswered()
    {
        _loggers.OnLogged = _ => throw new InvalidOperationException("a logger");
        await using (var predictor = Create(ProcessFixture.Options()))
        {
            Assert.Equal(["!flood"], (await ProcessFixture.CallAsync(predictor, "!flood", cancellationToken: Token)).Echo);
        }

        Assert.Equal((1, 1000), (_loggers.Count("ProcessStarted"), _loggers.Count("ProcessSaid")));
    }

    [Fact]
    public async Task PredictAsync_LineBeyondTheLimit_KillsTheProcess()
    {
        var options = ProcessFixture.Options();
        options.MaxLineBytes = 100_000;
        await using var predictor = Create(options);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, "!long", cancellationToken: Token));
        Assert.Equal("The process of the model 'sums' failed: it wrote a line of more than 100000 bytes.", error.Message);
        Assert.Equal(50_000, (await ProcessFixture.CallAsync(predictor, new string('x', 50_000), cancellationToken: Token)).Echo[0].Length);
    }

    [Fact]
    public async Task PredictAsync_EndsAtOnce_IsStartedAgainAfterGrowingDelaysUntilItAnswers()
    {
        var time = new ManualTimeProvider();
        var program = Path.Combine(_folder, "program.sh");
        await File.WriteAllTextAsync(program, "exit 7", Token);
        var options = ProcessFixture.Shell($"exec sh '{program}'");
        (options.RestartDelay, options.MaxRestartDelay) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        await using var predictor = new ProcessPredictor(ProcessFixture.Signature, options, "sums", time, _loggers);
        foreach (var delay in new[] { 0, 1, 2, 3, 3, 3 })
        {
            var failed = await Assert.ThrowsAsync<PredictionFailedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
            Assert.Equal("The process of the model 'sums' failed: it ended with the exit code 7.", failed.Message);
            if (delay > 0)
            {
                var rejected = await Assert.ThrowsAsync<PredictionRejectedException>(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token));
                Assert.Equal(TimeSpan.FromSeconds(delay), rejected.RetryAfter);
                Assert.Equal("its process failed and is not yet started again: it ended with the exit code 7", predictor.FindObstacle());
                time.Advance(TimeSpan.FromSeconds(delay));
            }

            Assert.Null(predictor.FindObstacle());
        }

        Assert.Equal(6, _loggers.Count("ProcessFailed"));

        // Mended, it serves again, and its failures are forgotten.
        var mended = ProcessFixture.Options();
        await File.WriteAllTextAsync(program, $"exec '{mended.FileName}' {string.Join(' ', mended.Arguments.Select(argument => $"'{argument}'"))}", Token);
        await ProcessFixture.CallAsync(predictor, cancellationToken: Token);
        Assert.Null(predictor.FindObstacle());
    }

    [Theory]
    [InlineData("{\"protocol\": 2}", "it speaks version 2 of the protocol, not 1")]
    [InlineData("{\"protocol\": \"one\"}", "its protocol is no number")]
    [InlineData("{\"hello\": 1}", "its first line does not tell its protocol")]
    [InlineData("[1]", "its first line is no JSON object; what else it prints belongs on its standard error")]
    [InlineData("ready", "its first line is no JSON object; what else it prints belongs on its standard error")]
    public async Task StartAsync_AnotherProtocol_SaysWhich(string line, string reason)
    {
        await using var predictor = Create(ProcessFixture.Shell($"echo '{line}'; read line"));
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => predictor.StartAsync(Token));
        Assert.Equal($"The process of the model 'sums' failed: {reason}.", error.Message);
    }

    [Fact]
    public async Task StartAsync_NoFirstLine_TimesOut()
    {
        var options = ProcessFixture.Shell("exec sleep 600");
        options.StartTimeout = TimeSpan.FromSeconds(0.5);
        await using var predictor = Create(options);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => predictor.StartAsync(Token));
        Assert.Equal("The process of the model 'sums' failed: it told nothing within 0.5 s of its start.", error.Message);
    }

    [Fact]
    public async Task StartAsync_NoSuchProgram_SaysSo()
    {
        await using var predictor = Create(new ProcessPredictorOptions { FileName = "/no/such/program" });
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => predictor.StartAsync(Token));
        Assert.Contains("it could not be started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisposeAsync_RunningProcess_EndsByItsClosedInput()
    {
        long process;
        await using (var predictor = Create(ProcessFixture.Options())) process = (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Process;
        Assert.False(ProcessFixture.IsRunning(process));
        Assert.Equal(0, _loggers.Count("ProcessNotEnded"));
    }

    [Fact]
    public async Task DisposeAsync_StubbornProcess_IsKilled()
    {
        var options = ProcessFixture.Shell("""echo '{"protocol": 1}'; while true; do sleep 1; done""");
        options.ShutdownTimeout = TimeSpan.FromSeconds(0.3);
        await using (var predictor = Create(options)) await predictor.StartAsync(Token);
        Assert.Equal(1, _loggers.Count("ProcessNotEnded"));
    }

    [Fact]
    public async Task DisposeAsync_CalledTwice_WaitsTwice()
    {
        var options = ProcessFixture.Shell("""echo '{"protocol": 1}'; while true; do sleep 1; done""");
        options.ShutdownTimeout = TimeSpan.FromSeconds(0.3);
        var predictor = Create(options);
        await predictor.StartAsync(Token);
        var first = predictor.DisposeAsync().AsTask();
        var second = predictor.DisposeAsync().AsTask();
        await second;
        Assert.Equal(1, _loggers.Count("ProcessNotEnded"));
        await first;
    }

    [Fact]
    public async Task DisposeAsync_ProcessesStillStart_LeavesNone()
    {
        var options = Silent(TimeSpan.FromSeconds(0.2));
        options.ProcessCount = 3;
        var predictor = Create(options);
        var starting = predictor.StartAsync(Token);
        await ProcessFixture.UntilAsync(() => Started().Length == options.ProcessCount);
        Assert.All(Started(), process => Assert.True(ProcessFixture.IsRunning(process)));
        await predictor.DisposeAsync();
        Assert.All(Started(), process => Assert.False(ProcessFixture.IsRunning(process)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => starting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => predictor.StartAsync(Token));
        Assert.Equal(0, _loggers.Count("ProcessFailed"));
    }

    [Fact]
    public async Task DisposeAsync_WhileCallsStartProcesses_LeavesNone()
    {
        for (var i = 0; i < 30; i++)
        {
            var before = Started().Length;
            var predictor = Create(Silent(TimeSpan.Zero));
            var call = Task.Run(() => ProcessFixture.CallAsync(predictor, cancellationToken: Token), Token);
            if (i % 2 == 0) await ProcessFixture.UntilAsync(() => Started().Length > before);
            await predictor.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
            Assert.All(Started(), process => Assert.False(ProcessFixture.IsRunning(process)));
        }
    }

    [Fact]
    public async Task StartAsync_Cancelled_EndsTheWaitingAndNotTheStart()
    {
        await using var predictor = Create(Silent(TimeSpan.Zero));
        using var cancellation = new CancellationTokenSource();
        var starting = predictor.StartAsync(cancellation.Token);
        await ProcessFixture.UntilAsync(() => Started().Length == 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.True(ProcessFixture.IsRunning(Started()[0]));
    }

    /// <summary>The operating system closes the input of the process when its host dies, however it dies.</summary>
    [Fact]
    public async Task Host_Killed_LeavesNoProcess()
    {
        long process;
        await using (var host = ProgramProcess.Start("Mlops.Serving.Worker", "host"))
        {
            process = long.Parse(await host.ReadLineAsync(Token), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(ProcessFixture.IsRunning(process));
            await host.KillAsync(Token);
        }

        await ProcessFixture.UntilAsync(() => !ProcessFixture.IsRunning(process));
    }

    [Fact]
    public async Task Process_KilledFromOutside_FailsOneCallOnly()
    {
        await using var predictor = Create(ProcessFixture.Options());
        var before = await ProcessFixture.CallAsync(predictor, cancellationToken: Token);
        var slow = ProcessFixture.CallAsync(predictor, "!slow", cancellationToken: Token);
        using (var process = Process.GetProcessById((int)before.Process)) process.Kill();
        await Assert.ThrowsAsync<PredictionFailedException>(() => slow);
        Assert.Equal([2d], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Sums);
    }

    [Fact]
    public async Task Options_EnvironmentAndFolder_AreTheProcess()
    {
        var options = ProcessFixture.Shell("""printf '{"protocol": 1}\n'; read line; printf '{"id": 1, "outputs": {"sum": [1], "echo": ["%s %s"], "process": [%s]}}\n' "$PLACE" "$PWD" $$; read line""");
        options.Environment["PLACE"] = "here";
        options.WorkingDirectory = Path.GetTempPath();
        await using var predictor = Create(options);
        Assert.Equal([$"here {Path.TrimEndingDirectorySeparator(Path.GetTempPath())}"], (await ProcessFixture.CallAsync(predictor, cancellationToken: Token)).Echo);
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        foreach (var change in new Action<ProcessPredictorOptions>[]
        {
            options => options.FileName = " ", options => options.Arguments = null!, options => options.Environment = null!, options => options.ProcessCount = 0, options => options.QueueCapacity = -1,
            options => options.Timeout = TimeSpan.Zero, options => options.StartTimeout = TimeSpan.Zero, options => options.ShutdownTimeout = TimeSpan.FromSeconds(-1),
            options => options.RestartDelay = TimeSpan.FromSeconds(-1), options => options.MaxRestartDelay = TimeSpan.Zero, options => options.MaxLineBytes = 0,
        })
        {
            var options = ProcessFixture.Options();
            change(options);
            Assert.ThrowsAny<ArgumentException>(() => Create(options));
        }
    }

    /// <summary>A program that notes its process in the folder of the test, and never becomes ready nor ends.</summary>
    private ProcessPredictorOptions Silent(TimeSpan shutdownTimeout)
    {
        var options = ProcessFixture.Shell(""": > "$PLACE/$$"; exec sleep 600""");
        options.Environment["PLACE"] = _folder;
        options.ShutdownTimeout = shutdownTimeout;
        return options;
    }

    private long[] Started() => [.. Directory.GetFiles(_folder).Select(path => long.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture))];

    private ProcessPredictor Create(ProcessPredictorOptions options) => new(ProcessFixture.Signature, options, "sums", null, _loggers);

    private sealed class Unavailable(IPredictor inner) : DelegatingPredictor(inner), IPredictorAvailability
    {
        public string? FindObstacle() => throw new InvalidOperationException("no");
    }
}
