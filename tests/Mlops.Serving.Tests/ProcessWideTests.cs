namespace Mlops.Serving.Tests;

/// <summary>Tests that count what a thread allocates, or listen to the whole process, run alone: a listener makes every prediction allocate its span.</summary>
[CollectionDefinition(nameof(ProcessWideTests), DisableParallelization = true)]
public sealed class ProcessWideTests;
