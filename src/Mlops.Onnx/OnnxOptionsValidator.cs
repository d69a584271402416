using System.Globalization;
using Microsoft.Extensions.Options;

namespace Mlops.Onnx;

/// <summary>Finds values that make no sense.</summary>
internal sealed class OnnxOptionsValidator : IValidateOptions<OnnxOptions>
{
    public ValidateOptionsResult Validate(string? name, OnnxOptions options)
        => FindMistake(options) is { } mistake ? ValidateOptionsResult.Fail(mistake) : ValidateOptionsResult.Success;

    public static string? FindMistake(OnnxOptions options)
    {
        if (options.IntraOpThreads < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.IntraOpThreads is {options.IntraOpThreads}; it must be 0 or more.");
        if (options.InterOpThreads < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.InterOpThreads is {options.InterOpThreads}; it must be 0 or more.");
        if (!Enum.IsDefined(options.Evaluator)) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.Evaluator is {(int)options.Evaluator}, which is none of its values.");
        if (!Enum.IsDefined(options.GraphOptimizationLevel)) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.GraphOptimizationLevel is {(int)options.GraphOptimizationLevel}, which is none of its values.");
        if (!Enum.IsDefined(options.ExecutionMode)) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.ExecutionMode is {(int)options.ExecutionMode}, which is none of its values.");
        if (options.ShrinkMemoryArena && !options.UseMemoryArena) return "OnnxOptions.ShrinkMemoryArena needs UseMemoryArena: without an arena there is none to shrink.";
        return FindMistake(options.Environment) ?? options.ExecutionProviders.Select(FindMistake).FirstOrDefault(mistake => mistake is not null);
    }

    private static string? FindMistake(OnnxEnvironmentOptions? options)
    {
        if (options is null) return null;
        if (options.IntraOpThreads < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxEnvironmentOptions.IntraOpThreads is {options.IntraOpThreads}; it must be 0 or more.");
        if (options.InterOpThreads < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxEnvironmentOptions.InterOpThreads is {options.InterOpThreads}; it must be 0 or more.");
        if (options.MaxArenaBytes < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxEnvironmentOptions.MaxArenaBytes is {options.MaxArenaBytes}; it must be 0 or more.");
        return options.MaxArenaBytes > 0 && !options.ShareArena ? "OnnxEnvironmentOptions.MaxArenaBytes needs ShareArena: it is the shared arena that it limits." : null;
    }

    private static string? FindMistake(OnnxExecutionProvider provider)
    {
        if (string.IsNullOrEmpty(provider.Name)) return "An entry of OnnxOptions.ExecutionProviders has no name.";
        if (provider.Options.Keys.Any(string.IsNullOrEmpty)) return $"An option of the execution provider '{provider.Name}' has no name.";
        if (provider.Options.FirstOrDefault(option => option.Value is null) is { Key: { } key }) return $"The option '{key}' of the execution provider '{provider.Name}' has no value.";
        return provider.IsCpu && provider.Options.Count > 0 ? "The execution provider CPU has no options." : null;
    }
}
