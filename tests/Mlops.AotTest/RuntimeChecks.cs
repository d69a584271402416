using System.Runtime.CompilerServices;

namespace Mlops.AotTest;

internal static class RuntimeChecks
{
    public static Task HasNoCompilerAsync()
    {
        Check.That(!RuntimeFeature.IsDynamicCodeSupported, "publish this program with -p:NativeAot=true, and run what is published");
        return Task.CompletedTask;
    }
}
