using Mlops.AotTest;

// What the packages do in a program that was compiled ahead of time, without a compiler at run time. Told one by one; the exit code is the number of those that failed.
if (args is [ProcessChecks.Model]) return await ProcessChecks.AnswerAsync();

var failed = 0;
foreach (var (name, check) in (IEnumerable<(string, Func<Task>)>)[
    ("no code is compiled at run time", RuntimeChecks.HasNoCompilerAsync),
    ("typed rows of every kind are written and read", RowChecks.WriteAndReadAsync),
    ("rows of names and values, and of columns, are predicted", RowChecks.PredictDynamicAsync),
    ("a model is trained, exported, registered, hosted and swapped", HostChecks.ServeAndSwapAsync),
    ("calls are batched, observed, measured and reported in health", HostChecks.BatchAndObserveAsync),
    ("trees give the same by both evaluators", OnnxChecks.CompareTreesAsync),
    ("a program answers over standard input and output", ProcessChecks.AskAsync),
    ("data is read, profiled, validated and compared", DataChecks.ValidateAndCompareAsync),
])
{
    try
    {
        await check();
        Console.WriteLine($"ok: {name}");
    }
    catch (Exception error)
    {
        failed++;
        Console.WriteLine($"FAILED: {name}: {error}");
    }
}

return failed;
