"""What the settings say to each part that has many: the channels' accounts, the backups."""

import hashlib
import hmac

from backup.keeper import Keeper, Plan
from bot.channels.telegram import Hook
from bot.channels.wechat import Account as WechatAccount
from bot.media import Media
from db.database import Database
from settings import Settings
from web.throttle import Alone, Throttle, Together, Unlimited


def telegram_hook(settings: Settings) -> Hook | None:
    """Where Telegram shall send updates; None when they are asked for."""
    if settings.telegram_mode != "webhook":
        return None
    made = hmac.new(settings.secret(), b"telegram webhook", hashlib.sha256).hexdigest()
    return Hook(f"{settings.public_url}/telegram", settings.telegram_webhook_secret.get_secret_value() or made)


def backup_keeper(settings: Settings, database: Database, media: Media) -> Keeper:
    """Makes the backups that the settings ask for."""
    plan = Plan(
        folder=settings.backups,
        url=settings.database,
        zone=settings.zone,
        secret=settings.data_dir / "secret.key",
        hour=settings.backup_hour if settings.backup_hour >= 0 else None,
        days=settings.backup_days,
        weeks=settings.backup_weeks,
        recipient=settings.backup_recipient,
        media=settings.backup_media == "on",
    )
    return Keeper(plan, database, media)


def wechat_account(settings: Settings) -> WechatAccount:
    """What the settings say about the Official Account."""
    return WechatAccount(
        profile=settings.wechat_profile,
        app_id=settings.wechat_app_id,
        app_secret=settings.wechat_app_secret.get_secret_value(),
        aes_key=settings.wechat_aes_key.get_secret_value(),
        api_base=settings.wechat_api_base,
        status_template=settings.wechat_status_template,
        notice_template=settings.wechat_notice_template,
        mass_tag=settings.wechat_mass_tag,
        mass_hour=settings.wechat_mass_hour,
        pictures=settings.content_dir / "pictures",
    )


def throttle_of(settings: Settings, database: Database) -> Throttle:
    """What counts how fast residents write: one process by itself, several together."""
    if settings.rate_limit == "off":
        return Unlimited()
    return Alone() if settings.database.startswith("sqlite") else Together(database)
